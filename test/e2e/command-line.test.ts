import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram, type RunOptions } from './support/run-program.ts';
import { useNodes } from './support/start-node.ts';

const nodes = useNodes();

/** Runs the program to its end, with the key of the nodes. */
function run(words: readonly string[], { input = '', environment = {} }: RunOptions = {}) {
  return runProgram(words, { input, environment: { PEERHOLD_KEY: nodes.key, ...environment } });
}

describe('peerhold start', () => {
  test('answers plain lines in plain text, and ends with its input where told to', async () => {
    const folder = await nodes.folder();
    const { stdout, code } = await run(['start', folder, '--exit-on-eof'], { input: 'LIST\n\nwhat\ncmds\n' });
    expect(stdout).toMatch(
      /^listening on 127\.0\.0\.1:\d+ as [0-9a-f]{32} .*\nno files\nERR_USAGE: unknown command "what".*\nADD /,
    );
    expect(stdout).toMatch(/\nbye\n$/);
    expect(code).toBe(0);
  });

  test('BYE ends the process with code 0, and the control socket is gone', async () => {
    const node = await nodes.start();
    expect((await stat(join(node.folder, '.peerhold', 'control.sock'))).mode & 0o777).toBe(0o600);
    expect(await node.command('BYE')).toEqual({ event: 'closed', command: 1 });
    expect(await node.ended).toEqual({ code: 0, signal: null });
    expect(await readdir(join(node.folder, '.peerhold'))).not.toContain('control.sock');
  });

  test('a second node on a folder ends with ERR_FOLDER_IN_USE', async () => {
    const { folder } = await nodes.start();
    const second = await run(['start', folder, '--json']);
    expect(second.code).toBe(1);
    expect(JSON.parse(second.stdout)).toMatchObject({ event: 'error', code: 'ERR_FOLDER_IN_USE' });
    expect(second.stderr).toMatch(/^peerhold: ERR_FOLDER_IN_USE: .*\n$/);
  });

  test('says so where the key in the environment is none', async () => {
    const ended = await run(['start', await nodes.folder()], { environment: { PEERHOLD_KEY: 'secret' } });
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^peerhold: ERR_KEY_FORMAT: PEERHOLD_KEY: /) as string,
    });
    expect(ended.stderr).not.toContain('secret');
  });

  test.each([
    ['a wrong flag', ['start', 'x', '--nonsense'], 2, 'ERR_USAGE'],
    ['a profile that is none', ['start', 'x', '--profile', 'defualt'], 1, 'did you mean default?'],
    ['a config that is not there', ['start', 'x', '--config', 'none.ts'], 1, 'none.ts'],
    ['a folder that is not there', ['/nonexistent/folder'], 1, 'ERR_FOLDER'],
    ['a folder where none can be made', ['start', '/dev/null/folder'], 1, 'ERR_FOLDER'],
    ['an address that nobody could dial', ['start', 'x', '--advertise', '0.0.0.0:4700'], 2, '--advertise takes'],
    ['no words at all', [], 2, 'expected peerhold start <directory>'],
  ])('%s ends before anything starts, in one line', async (_what, words, code, message) => {
    const ended = await run(words);
    expect(ended.code).toBe(code);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toMatch(/^peerhold: ERR_\w+: .*\n$/);
    expect(ended.stderr).toContain(message);
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
});
