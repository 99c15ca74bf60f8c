import { parseArguments } from '../../src/cli/arguments.ts';

const parse = (...words: string[]) => parseArguments(['sim', 'some.yaml', ...words], '1.0.0');

describe('peerhold sim', () => {
  test('runs seed 1, in this process, where nothing is said', async () => {
    expect(await parse()).toMatchObject({
      command: 'sim',
      scenario: 'some.yaml',
      seeds: [1, 1],
      jobs: 1,
      shrink: true,
    });
  });

  test('takes a range of seeds, a number of nodes and of processes', async () => {
    const words = ['--seeds', '5..20', '--nodes', '7', '--jobs', '2', '--shrink=false'];
    expect(await parse(...words)).toMatchObject({ seeds: [5, 20], nodes: 7, jobs: 2, shrink: false, disk: undefined });
    expect(await parse('--disk', 'folders')).toMatchObject({ disk: 'folders' });
  });

  test.each([
    [['--seeds', '5..1'], '--seeds takes the first and the last'],
    [['--seeds', '5'], '--seeds takes the first and the last'],
    [['--seed', 'x'], '--seed takes a whole number'],
    [['--seed', '99999999999999999'], '--seed takes a whole number'],
    [['--nodes', '0'], '--nodes takes a whole number from 1'],
    [['--jobs', '0'], '--jobs takes a whole number from 1'],
    [['--seed', '1', '--seeds', '1..2'], 'exclude each other'],
    [['--seeds', '1..2', '--trace', 'x'], '--trace takes one seed'],
    [['--sed', '1'], 'Unknown argument'],
  ])('refuses %j', async (words, told) => {
    await expect(parse(...words)).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining(told) as string,
    });
  });

  test('wants a scenario', async () => {
    const parsed = parseArguments(['sim'], '1.0.0');
    await expect(parsed).rejects.toMatchObject({ message: 'expected peerhold sim <scenario> (peerhold sim --help)' });
  });
});
