import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderPaths } from '../../../src/kit/world/folder-paths.ts';

describe('the looks at the way to a file', () => {
  let folder = '';
  let looks = 0;
  let paths: FolderPaths;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'peerhold-paths-')));
    await mkdir(join(folder, 'd'));
    paths = new FolderPaths(folder, (path) => {
      looks++;
      return realpath(path);
    });
    await paths.root();
    looks = 0;
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('are one for all files of a directory that are looked for at once', async () => {
    const found = await Promise.all(Array.from({ length: 50 }, (_, index) => paths.entry(`d/${index}`)));
    expect(found[49]).toBe(join(folder, 'd', '49'));
    expect(looks).toBe(1);
  });

  test('begin anew for whoever comes when the last has ended', async () => {
    await paths.entry('d/a');
    await rm(join(folder, 'd'), { recursive: true });
    await symlink(tmpdir(), join(folder, 'd'));
    await expect(paths.entry('d/b')).rejects.toMatchObject({ code: 'ERR_LINK_REFUSED' });
  });

  test('that found nothing are not shared: the directory may have been made meanwhile', async () => {
    const early = paths.entry('e/a').catch(() => undefined);
    await mkdir(join(folder, 'e'));
    expect(await paths.entry('e/b')).toBe(join(folder, 'e', 'b'));
    await early;
  });
});
