import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { StreamOutput, SwitchedOutput, openLogFile } from '../../src/cli/output.ts';
import { useTemporaryFolder } from './support/temporary-folder.ts';

describe('StreamOutput', () => {
  test('outlives its reader', async () => {
    const stream = new PassThrough();
    const output = new StreamOutput(stream);
    stream.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await new Promise((resolve) => setImmediate(resolve));
    output.write('into the void');
    await output.flush();
  });

  test('knows a terminal', () => {
    expect(new StreamOutput(new PassThrough()).isTerminal).toBe(false);
    expect(new StreamOutput(Object.assign(new PassThrough(), { isTTY: true })).isTerminal).toBe(true);
  });
});

describe('SwitchedOutput', () => {
  test('writes to where it was last told', () => {
    const written: string[] = [];
    const output = new SwitchedOutput({ isTerminal: true, write: (text) => written.push(`first ${text}`) });
    output.write('a');
    output.redirect((text) => written.push(`second ${text}`));
    output.write('b');
    output.redirect(undefined);
    output.write('c');
    expect(written).toEqual(['first a', 'second b', 'first c']);
  });
});

describe('openLogFile', () => {
  const folder = useTemporaryFolder();

  test('adds to a file that is for its owner only', async () => {
    const path = join(folder.path, 'node.log');
    for (const line of ['one\n', 'two\n']) {
      const log = await openLogFile(path);
      log.write(line);
      await log.flush();
    }
    expect(await readFile(path, 'utf8')).toBe('one\ntwo\n');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('names the file that cannot be written', async () => {
    const path = join(folder.path, 'missing', 'node.log');
    await expect(openLogFile(path)).rejects.toMatchObject({
      code: 'ERR_DISK',
      message: expect.stringContaining(path) as string,
    });
  });
});
