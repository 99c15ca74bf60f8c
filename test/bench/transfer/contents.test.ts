import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { changeMiddle, checkContents, linkInto, writeContent } from '../../../src/bench/transfer/contents.ts';
import { useTemporaryFolder } from '../../cli/support/temporary-folder.ts';

const folder = useTemporaryFolder();
const SIZE = 2 ** 20 + 5_000;
const write = (name: string, seed: string) => writeContent(folder.path, { name, size: SIZE, seed });

test('a file is what its seed says, of its size to the byte, and unlike that of another seed', async () => {
  const [a, again, b] = [await write('a', '1'), await write('in/again', '1'), await write('b', '2')];
  expect(again.checksum).toBe(a.checksum);
  expect(b.checksum).not.toBe(a.checksum);
  expect((await stat(join(folder.path, 'a'))).size).toBe(SIZE);
});

test('what arrived as it was written passes', async () => {
  const files = [await write('a', '1'), await write('in/b', '2')];
  await linkInto(join(folder.path, 'received'), folder.path, files);
  await expect(checkContents(join(folder.path, 'received'), files)).resolves.toBeUndefined();
});

test('what arrived otherwise is named, and so is what did not', async () => {
  const files = [await write('a', '1'), await write('b', '2')];
  const bytes = await readFile(join(folder.path, 'b'));
  bytes[SIZE - 1]! ^= 1;
  await writeFile(join(folder.path, 'b'), bytes);
  await expect(checkContents(folder.path, files)).rejects.toThrow('b is not what was sent');
  await rm(join(folder.path, 'a'));
  await expect(checkContents(folder.path, files)).rejects.toThrow('a was called received and cannot be read');
});

test('a change in the middle leaves all around it as it was, and is told by the checksum', async () => {
  const before = await write('a', '1');
  const old = await readFile(join(folder.path, 'a'));
  const after = await changeMiddle(folder.path, before, { length: 1_000, seed: 'new' });
  const now = await readFile(join(folder.path, 'a'));
  const start = (SIZE - 1_000) / 2;
  expect(now.subarray(0, start)).toEqual(old.subarray(0, start));
  expect(now.subarray(start + 1_000)).toEqual(old.subarray(start + 1_000));
  expect(now.equals(old)).toBe(false);
  await expect(checkContents(folder.path, [after])).resolves.toBeUndefined();
  await expect(checkContents(folder.path, [before])).rejects.toThrow('is not what was sent');
});
