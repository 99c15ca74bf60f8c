import { mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openFolder, openWorld } from '../../src/cli/open-world.ts';
import { systemClock, systemRandom } from '../../src/kit/index.ts';
import { useTemporaryFolder } from './support/temporary-folder.ts';

const temporary = useTemporaryFolder();
const inside = (...parts: string[]) => join(temporary.path, ...parts);

describe('openFolder', () => {
  test('makes a missing folder where it may, and says so', async () => {
    expect(await openFolder(inside('a', 'b'), { make: true })).toEqual({ path: inside('a', 'b'), made: true });
    expect(await openFolder(inside('a', 'b'), { make: true })).toEqual({ path: inside('a', 'b'), made: false });
    expect((await stat(inside('a', 'b', '.peerhold'))).mode & 0o777).toBe(0o700);
  });

  test('follows a link to the folder itself', async () => {
    await mkdir(inside('real'));
    await symlink(inside('real'), inside('link'));
    expect((await openFolder(inside('link'), { make: true })).path).toBe(inside('real'));
  });

  test.each([
    ['a missing folder that it may not make', 'none', false, 'does not exist; peerhold start'],
    ['a file', 'file', true, 'is no directory'],
    ['a file that it would not make', 'file', false, 'is no directory'],
    ['a folder below a file', 'file/below', true, 'cannot be used'],
    ['a folder whose private part is a link', 'linked', true, 'that is no directory'],
  ])('refuses %s', async (_what, name, make, message) => {
    await writeFile(inside('file'), '');
    await mkdir(inside('linked'));
    await symlink(temporary.path, inside('linked', '.peerhold'));
    await expect(openFolder(inside(name), { make })).rejects.toMatchObject({
      code: 'ERR_FOLDER',
      message: expect.stringContaining(message) as string,
    });
  });
});

if (process.platform === 'linux') {
  test.each(['/proc/none/below', '/proc'])('openFolder refuses %s, where nothing can be made', async (path) => {
    await expect(openFolder(path, { make: true })).rejects.toMatchObject({ code: 'ERR_FOLDER' });
  });
}

describe('openWorld', () => {
  const open = async () => {
    const { path } = await openFolder(inside('shared'), { make: true });
    const stderr = { isTerminal: false, write: () => undefined };
    return openWorld(path, {
      clock: systemClock(),
      random: systemRandom(),
      environment: {},
      stderr,
      logLevel: undefined,
    });
  };

  test('lets one node at a time use a folder', async () => {
    const first = await open();
    expect(first.indexCondition).toBe('sound');
    await expect(open()).rejects.toMatchObject({ code: 'ERR_FOLDER_IN_USE' });
    await first.close();
    await (await open()).close();
  });
});
