import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeContent } from '../../../src/bench/transfer/contents.ts';
import { transfer } from '../../../src/bench/transfer/index.ts';
import { openLimitMover } from '../../../src/bench/transfer/limit-mover.ts';
import { useTemporaryFolder } from '../../cli/support/temporary-folder.ts';
import { benchContext } from '../support/bench-context.ts';

const folder = useTemporaryFolder();

async function mover() {
  const content = join(folder.path, 'content');
  const write = (name: string) => writeContent(content, { name, size: 100_000, seed: name });
  const files = { file: await write('file'), warm: await write('warm') };
  const context = benchContext(transfer);
  return openLimitMover({ context, name: 'limit', form: 'sealed', directory: folder.path, content, ...files });
}

test('moves its file again and again, and leaves nothing of it behind', async () => {
  const { move, close } = await mover();
  for (let round = 0; round < 2; round++) expect((await move()).seconds).toBeGreaterThan(0);
  expect(await readdir(folder.path)).toEqual(['content']);
  await close();
});

test('has no time where something else arrived than was written', async () => {
  const { move, close } = await mover();
  await appendFile(join(folder.path, 'content', 'file'), 'more');
  await expect(move()).rejects.toThrow('file is not what was sent');
  expect(await readdir(folder.path)).toEqual(['content']);
  await close();
});
