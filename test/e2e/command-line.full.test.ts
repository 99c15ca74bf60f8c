import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram, type RunOptions } from './support/run-program.ts';
import { useNodes } from './support/start-node.ts';
import { eventually } from './support/eventually.ts';
import { freePort } from './support/wire.ts';

// What the command line does that takes seconds to see; the rest of it is in command-line.test.ts.
const nodes = useNodes();

/** Runs the program to its end, with the key of the nodes. */
const run = (words: readonly string[], environment: RunOptions['environment'] = {}) =>
  runProgram(words, { environment: { PEERHOLD_KEY: nodes.key, ...environment } });

describe('peerhold start', () => {
  test('goes on after the end of its input, until it is asked to end', async () => {
    const node = await nodes.start({ outlivesInput: true });
    node.endInput();
    const status = await eventually(() => run(['ctl', node.folder, 'STATUS', '--json']));
    expect(JSON.parse(status.stdout)).toMatchObject({ event: 'status', id: node.id });
    expect(await node.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(node.events.at(-1)).toEqual({ event: 'closed' });
  });

  test('a folder whose node was killed can be used again at once, by the same node', async () => {
    const first = await nodes.start();
    await first.kill('SIGKILL');
    const second = await nodes.start({ folder: first.folder });
    expect(second.id).toBe(first.id);
    expect((await run(['ctl', second.folder, 'LIST'])).stdout).toBe('no files\n');
  });

  test('connects to the addresses of --add, and warns of those where nobody is', async () => {
    const first = await nodes.start();
    const second = await nodes.start({ flags: ['--add', first.address, '--add', 'nonsense'] });
    expect(await second.waitFor('peer-joined', ({ id }) => id === first.id)).toMatchObject({ address: first.address });
    expect(await second.waitFor('warning', () => true)).toMatchObject({ code: 'ERR_ADDRESS' });
  });

  test('takes a config of its own that spreads the shipped one', async () => {
    const folder = await nodes.folder();
    const config = join(folder, 'my.config.ts');
    await writeFile(
      config,
      `import shipped from 'peerhold/config';
       import { defineConfig } from 'peerhold';
       const profiles = { ...shipped.profiles, fast: { extends: 'default', about: 'Hasty.', settings: { heartbeatMs: 400 } } };
       export default defineConfig({ ...shipped, profiles });`,
    );
    const node = await nodes.start({ flags: ['--config', config, '--profile', 'fast'] });
    expect(node.ready.profile).toBe('fast');
  });

  test('says so where the key in the environment is none', async () => {
    const ended = await run(['start', await nodes.folder()], { PEERHOLD_KEY: 'secret' });
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^peerhold: ERR_KEY_FORMAT: PEERHOLD_KEY: /) as string,
    });
    expect(ended.stderr).not.toContain('secret');
  });

  test.each([
    ['a config that is not there', ['start', 'x', '--config', 'none.ts'], 1, 'none.ts'],
    ['a folder where none can be made', ['start', '/dev/null/folder'], 1, 'ERR_FOLDER'],
    ['no words at all', [], 2, 'expected peerhold start <directory>'],
    ['an address that nobody could dial', ['start', 'x', '--advertise', '0.0.0.0:4700'], 2, '--advertise takes'],
  ])('%s ends before anything starts, in one line', async (_what, words, code, message) => {
    const ended = await run(words);
    expect(ended.code).toBe(code);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toMatch(/^peerhold: ERR_\w+: .*\n$/);
    expect(ended.stderr).toContain(message);
  });
});

describe('peerhold keygen', () => {
  test('prints a key; nodes that have it, from a file or the environment, form a network', async () => {
    const { stdout, code } = await run(['keygen']);
    expect(code).toBe(0);
    const keyFile = join(await nodes.folder(), 'team.key');
    await writeFile(keyFile, stdout, { mode: 0o600 });
    const [first, second] = [await nodes.start({ flags: ['--key-file', keyFile] }), await nodes.start({ key: stdout })];
    expect(await first.expect('added', `ADD ${second.address}`)).toMatchObject({ id: second.id });
  });
});

describe('peerhold ctl', () => {
  test('drives a running node, and ends with 1 where the command failed', async () => {
    const folder = await nodes.folder();
    await writeFile(join(folder, 'to be had.txt'), 'content');
    const [first, second] = [await nodes.start(), await nodes.start({ folder })];
    expect((await run(['ctl', first.folder, 'ADD', second.address])).stdout).toMatch(/^added [0-9a-f]{8} at /);
    expect(await run(['ctl', first.folder, 'GET', 'to be had.txt'])).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(join(first.folder, 'to be had.txt'), 'utf8')).toBe('content');
    const failed = await run(['ctl', first.folder, 'GET', 'not there.txt']);
    expect(failed).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^ERR_NO_SUCH_FILE: .*\n$/) as string,
    });
    const dashed = await run(['ctl', first.folder, 'GET', '-x']);
    expect(dashed).toMatchObject({ code: 1, stderr: expect.stringContaining('"-x"') as string });
    expect(await run(['ctl', first.folder, 'BYE'])).toMatchObject({ code: 0, stdout: 'bye\n' });
    expect(await first.ended).toEqual({ code: 0, signal: null });
    expect(await run(['ctl', first.folder, 'LIST'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ERR_NOT_RUNNING') as string,
    });
  });

  test('says that nobody answers at an address, once the time for a dial is over', async () => {
    const { folder } = await nodes.start();
    const { code, stdout } = await run(['ctl', folder, 'ADD', `127.0.0.1:${await freePort()}`, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ event: 'error', code: 'ERR_DIAL_FAILED' });
  });
});
