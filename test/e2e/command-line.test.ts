import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './support/run-program.ts';
import { useNodes } from './support/start-node.ts';

const nodes = useNodes();

/** Runs the program to its end, with the key of the nodes. */
const run = (words: readonly string[], input = '') =>
  runProgram(words, { input, environment: { PEERHOLD_KEY: nodes.key } });

describe('peerhold start', () => {
  test('answers plain lines in plain text, and ends with its input where told to', async () => {
    const folder = await nodes.folder();
    const { stdout, code } = await run(['start', folder, '--exit-on-eof'], 'LIST\n\nwhat\ncmds\n');
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

  test.each([
    ['a wrong flag', ['start', 'x', '--nonsense'], 2, 'ERR_USAGE'],
    ['a profile that is none', ['start', 'x', '--profile', 'defualt'], 1, 'did you mean default?'],
    ['a folder that is not there', ['/nonexistent/folder'], 1, 'ERR_FOLDER'],
  ])('%s ends before anything starts, in one line', async (_what, words, code, message) => {
    const ended = await run(words);
    expect(ended.code).toBe(code);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toMatch(/^peerhold: ERR_\w+: .*\n$/);
    expect(ended.stderr).toContain(message);
  });
});
