import { mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeProcess } from '../../src/cli/node-process.ts';
import { eventually } from './support/eventually.ts';
import { HASTY, useNodes } from './support/start-node.ts';
import { listing } from './support/views.ts';
import { portOf } from './support/wire.ts';

// Two nodes that go on whatever is asked of them: `a` holds files, `b` asks.
const nodes = useNodes({ settings: HASTY, lasting: 'file' });
let a: NodeProcess;
let b: NodeProcess;

beforeAll(async () => {
  const [folder, outside] = [await nodes.folder('a'), await nodes.folder('outside')];
  await writeFile(join(outside, 'secret.txt'), 'not for you');
  await writeFile(join(folder, 'good.txt'), 'for you');
  await symlink(join(outside, 'secret.txt'), join(folder, 'link to a secret.txt'));
  await symlink(outside, join(folder, 'link to a folder'));
  await symlink(join(folder, 'nowhere'), join(folder, 'link to nowhere'));
  [a, b] = await Promise.all([nodes.start({ folder }), nodes.start()]);
  await b.expect('added', `ADD ${a.address}`);
}, 60_000);

// A holder hears that its file has come a moment after the one who asked knows it.
afterEach(() =>
  eventually(async () => {
    for (const node of [a, b]) expect(await node.expect('status', 'STATUS')).toMatchObject({ direct: 1, transfers: 0 });
  }),
);

describe('a node that is asked for what cannot be', () => {
  test.each([
    ['no address', 'ADD nonsense', 'ERR_ADDRESS'],
    ['a port that is none', 'ADD 127.0.0.1:65536', 'ERR_ADDRESS'],
    ['a file that nobody holds', 'GET no such file.txt', 'ERR_NO_SUCH_FILE'],
    ['a file out of the folder', 'GET ../outside/secret.txt', 'ERR_NAME'],
    ['an absolute path', 'GET /etc/hostname', 'ERR_NAME'],
    ['the private directory', 'GET .peerhold/identity.pem', 'ERR_NAME'],
    ['a link', 'GET link to a secret.txt', 'ERR_NO_SUCH_FILE'],
    ['what is below a link', 'GET link to a folder/secret.txt', 'ERR_NO_SUCH_FILE'],
    ['to send a file it does not hold', 'SEND no such file.txt', 'ERR_NO_SUCH_FILE'],
    ['to send a file out of the folder', 'SEND ../outside/secret.txt', 'ERR_NAME'],
    ['to restore a version that is none', 'RESTORE 12345', 'ERR_NO_SUCH_VERSION'],
    ['what is no command', 'FETCH good.txt', 'ERR_USAGE'],
    ['a command without its argument', 'GET', 'ERR_USAGE'],
    ['nothing', '', 'ERR_USAGE'],
  ])('answers %s with one error', async (_what, line, code) => {
    expect(await b.command(line)).toMatchObject({ event: 'error', code, message: expect.any(String) as string });
  });

  test('answers the wish to add itself with one error, by whatever address', async () => {
    const port = portOf(b.address);
    expect(await b.command(`ADD ${b.address}`)).toMatchObject({ event: 'error', code: 'ERR_SELF' });
    expect(await b.command(`ADD localhost:${port}`)).toMatchObject({ event: 'error' });
  });

  test('answers a line longer than any command with one error', async () => {
    expect(await b.command(`GET ${'x'.repeat(100_000)}`)).toMatchObject({ event: 'error' });
  });

  test('answers each of many lines at once, in their order', async () => {
    const lines = ['LIST', '?', 'STATUS', '? ?', 'PEERS', 'LIST'];
    const answers = await Promise.all(lines.map((line) => b.command(line)));
    expect(answers.map(({ event }) => event)).toEqual(['listed', 'error', 'status', 'error', 'peers', 'listed']);
  });
});

describe('a file', () => {
  test('that a link leads to is neither listed nor given', async () => {
    const { files } = await b.expect('listed', 'LIST');
    expect(files.map(({ name }) => name)).toEqual(['good.txt']);
  });

  test('that gives way to a directory is not delivered, and what asked for it says so', async () => {
    const path = join(a.folder, 'short-lived.txt');
    await writeFile(path, 'not for long');
    await listing([b], ['good.txt', 'short-lived.txt']);
    await rm(path);
    await mkdir(path);
    expect(await b.command('GET short-lived.txt')).toMatchObject({
      event: 'error',
      code: expect.stringMatching(/^ERR_NO_(SOURCE|SUCH_FILE)$/) as string,
    });
    await listing([a, b], ['good.txt']);
    expect(await readdir(b.folder)).toEqual(['.peerhold']);
  });
});

describe('after all this', () => {
  test('a file that can be had is', async () => {
    await b.expect('received', 'GET good.txt');
    expect(await readFile(join(b.folder, 'good.txt'), 'utf8')).toBe('for you');
  });

  test('each line has had one answer, in its turn', () => {
    const answered = b.events.flatMap(({ command }) => command ?? []);
    expect(answered).toEqual(answered.map((_, index) => index + 1));
  });
});
