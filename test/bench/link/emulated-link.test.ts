import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkEmulator } from '../../../src/bench/link/check-emulator.ts';
import { EmulatedLink, linkWords } from '../../../src/bench/link/emulated-link.ts';
import { FULL_PLAN, type LinkShape } from '../../../src/bench/link/plan.ts';
import { systemClock } from '../../../src/kit/index.ts';
import { localEmulator, script } from './support/fake-emulator.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'peerhold-link-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const shape: LinkShape = { label: 'x', rateMbit: 100, delayMs: 25, queueBytes: 625_000 };
const { signal } = new AbortController();
const open = (file: string) => EmulatedLink.open({ file, name: 'n1', shape, seed: 7, clock: systemClock(), signal });

test('a link is told to the emulator in its words', () => {
  expect(linkWords(shape)).toEqual(['--rate', '100mbit', '--delay', '25ms', '--queue', '625000b']);
  const { queueBytes, ...rest } = { ...shape, lossPercent: 0.1, reorderPercent: 1, jitterMs: 2 };
  expect(linkWords({ ...rest, queueBytes }).slice(6)).toEqual(['--loss', '0.1%', '--reorder', '1%', '--jitter', '2ms']);
});

test('the links of the full plan queue one product of bandwidth and round-trip time', () => {
  expect(FULL_PLAN.links.map(({ queueBytes }) => queueBytes)).toEqual([625_000, 625_000, 625_000, 625_000, 375_000]);
});

test('a link has the ends that the emulator names, and its last word when it is closed', async () => {
  const link = await open(await localEmulator(directory));
  expect(link.listening).toEqual({ namespace: '', address: '127.0.0.1' });
  expect(link.dialling).toEqual({ namespace: '', address: '127.0.0.1' });
  expect(await link.close()).toEqual({ delivered: 1_000, unread: 0, late: 3, latestMs: 2.5 });
});

test('the emulator is told the name, the seed and the link', async () => {
  const seen = join(directory, 'seen');
  const file = await localEmulator(directory);
  const wrapper = await script(join(directory, 'wrapper'), `#!/bin/sh\necho "$@" > ${seen}\nexec ${file} "$@"\n`);
  await (await open(wrapper)).close();
  expect(await readFile(seen, 'utf8')).toMatch(/^up n1 --rate 100mbit --delay 25ms --queue 625000b --seed 7 --exec /);
});

test.each([
  ['says why it cannot', 'echo "no device" >&2; exit 1', /ended before the link was up; it said: no device/],
  ['says something else', 'echo hello; cat >/dev/null', /failed/],
])('an emulator that %s is an error with its words', async (_what, body, problem) => {
  const file = await script(join(directory, 'broken'), `#!/bin/sh\n${body}\n`);
  await expect(open(file)).rejects.toMatchObject({
    code: 'ERR_EMULATOR',
    message: expect.stringMatching(problem) as string,
  });
});

test('an emulator that ends without its closing line is an error', async () => {
  const link = await open(await localEmulator(directory, 'bye'));
  await expect(link.close()).rejects.toMatchObject({
    code: 'ERR_EMULATOR',
    message: expect.stringContaining('without its closing line') as string,
  });
});

test('what is missing is told with what is needed', async () => {
  const file = join(directory, 'none');
  const checking = checkEmulator({ file, name: 'n1', shape, clock: systemClock(), signal });
  await expect(checking).rejects.toMatchObject({
    code: 'ERR_EMULATOR',
    message: expect.stringMatching(/(not root|none is not there).*as root on Linux, with network namespaces/) as string,
  });
});
