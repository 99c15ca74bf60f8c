import { seededRandom } from '../../src/kit/index.ts';
import { thrownBy } from '../support/thrown-by.ts';
import { parseChaosOptions, replayCommand } from './options.ts';

const parse = (...words: string[]) => parseChaosOptions(words, seededRandom(1));

test('a seed is drawn where none is given, and the command that replays the run names it', () => {
  const options = parse('--seconds', '20');
  expect(options).toMatchObject({ seconds: 20, nodes: 6, emulator: undefined });
  if (options === undefined) return;
  const [, ...words] = replayCommand(options).split(' -- ');
  expect(parse(...words.join('').split(' '))).toEqual(options);
});

test('the command that replays a run on emulated links names the emulator', () => {
  const options = parse('--seed', '7', '--emulator', './links');
  expect(options).toMatchObject({ seed: 7, emulator: './links' });
  if (options !== undefined)
    expect(replayCommand(options)).toContain('--seed 7 --seconds 60 --nodes 6 --emulator ./links');
});

test('--help asks for nothing else', () => {
  expect(parse('--help')).toBeUndefined();
});

test.each([
  [['--seconds', '4'], '--seconds takes a whole number from 5 to 3600, got "4"'],
  [['--nodes', '1'], '--nodes takes a whole number from 2 to 16, got "1"'],
  [['--seed', '1.5'], '--seed takes a whole number from 0'],
  [['--emulator', ''], '--emulator is empty'],
  [['--sedd', '1'], "Unknown option '--sedd'"],
  [['7'], "Unexpected argument '7'"],
])('%j is a mistake of usage that is named', (words, problem) => {
  expect(thrownBy(() => parse(...words))).toMatchObject({
    code: 'ERR_USAGE',
    message: expect.stringContaining(problem) as string,
  });
});
