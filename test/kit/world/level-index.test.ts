import { mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode } from '../../../src/kernel/index.ts';
import { openLevelIndex } from '../../../src/kit/world/level-index.ts';
import { indexContract } from '../index-contract.ts';

describe('openLevelIndex', () => {
  let folder: string;
  let directory: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'peerhold-index-'));
    directory = join(folder, '.peerhold', 'index');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** An index with one record, closed, all in a table file. */
  async function leaveIndex(): Promise<void> {
    const { index } = await openLevelIndex(directory);
    await index.put('key', 'value');
    await index.close();
    await (await openLevelIndex(directory)).index.close();
  }

  async function fileNamed(pattern: RegExp): Promise<string> {
    const name = (await readdir(directory)).find((each) => pattern.test(each));
    return join(directory, name ?? '');
  }

  for (const { name, run } of indexContract) {
    test(name, async () => run((await openLevelIndex(directory)).index));
  }

  test('makes the directory for its owner only', async () => {
    const { index, condition } = await openLevelIndex(directory);
    await index.close();
    expect(condition).toBe('sound');
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
  });

  test('refuses a second one on the same directory, and gives it free when closed', async () => {
    const { index } = await openLevelIndex(directory);
    expect(await openLevelIndex(directory).then(() => undefined, errorCode)).toBe('ERR_FOLDER_IN_USE');
    await index.put('key', 'value');
    await index.close();
    const again = await openLevelIndex(directory);
    expect(await again.index.get('key')).toBe('value');
    await again.index.close();
  });

  for (const [what, damage] of [
    ['without CURRENT', async () => rm(await fileNamed(/^CURRENT/))],
    ['with half a CURRENT', async () => truncate(await fileNamed(/^CURRENT/), 4)],
    ['without its manifest', async () => rm(await fileNamed(/^MANIFEST/))],
    ['with a manifest of garbage', async () => writeFile(await fileNamed(/^MANIFEST/), 'garbage')],
  ] as const) {
    test(`repairs one ${what}, and keeps what is in it`, async () => {
      await leaveIndex();
      await damage();
      const { index, condition } = await openLevelIndex(directory);
      expect([condition, await index.get('key')]).toEqual(['repaired', 'value']);
      await index.close();
    });
  }

  test('finds damage in a table when it opens, not later', async () => {
    await leaveIndex();
    await writeFile(await fileNamed(/\.ldb$/), 'garbage');
    const { index, condition } = await openLevelIndex(directory);
    expect([condition, await index.get('key')]).toEqual(['repaired', undefined]);
    await index.close();
  });

  test('starts anew where nothing can be repaired, and keeps the old one beside it', async () => {
    await leaveIndex();
    await rm(join(directory, 'CURRENT'));
    await mkdir(join(directory, 'CURRENT', 'in the way'), { recursive: true });
    const { index, condition } = await openLevelIndex(directory);
    expect([condition, await index.get('key')]).toEqual(['rebuilt', undefined]);
    await index.close();
    expect(await readdir(`${directory}.damaged`)).toContain('CURRENT');
  });

  test('says that the directory cannot be made where a file is in the way', async () => {
    await writeFile(join(folder, '.peerhold'), '');
    expect(await openLevelIndex(directory).then(() => undefined, errorCode)).toBe('ERR_NAME_NOT_STORABLE');
  });
});
