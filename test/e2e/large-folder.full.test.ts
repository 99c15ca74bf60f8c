import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from './support/eventually.ts';
import { bytesRead, processorTime } from './support/process-figures.ts';
import { useNodes } from './support/start-node.ts';

const DIRECTORIES = 100;
const FILES_EACH = 1_000;
const FILES = DIRECTORIES * FILES_EACH;
const FILE_LENGTH = 4 * 1024;
/** Processor time of the whole process until it is ready: on a machine that has nothing else to do that is about the time on the clock. */
const START_SECONDS = 15;
const PATIENCE_MS = 400_000;

const nodes = useNodes({ settings: { replicas: 0 } });

/** Files of which no two are alike. */
async function fill(folder: string): Promise<void> {
  for (let directory = 0; directory < DIRECTORIES; directory++) {
    await mkdir(join(folder, String(directory)));
    const write = async (_: unknown, file: number) => {
      const content = Buffer.alloc(FILE_LENGTH, 'x');
      content.writeUInt32LE(directory * FILES_EACH + file);
      await writeFile(join(folder, String(directory), `${file}.bin`), content);
    };
    await Promise.all(Array.from({ length: FILES_EACH }, write));
  }
}

test(`a node with ${FILES} files that were hashed before is ready after ${START_SECONDS} s of processor time at most, and has read none of them`, async () => {
  const folder = await nodes.folder();
  await fill(folder);
  const first = await nodes.start({ folder, readyMs: PATIENCE_MS });
  await eventually(async () => {
    expect(await first.expect('status', 'STATUS')).toMatchObject({ files: FILES, hashing: 0 });
  }, PATIENCE_MS);
  await first.expect('closed', 'BYE');
  await first.ended;

  const again = await nodes.start({ folder, readyMs: PATIENCE_MS });
  expect(await processorTime(again)).toBeLessThan(START_SECONDS);
  expect(await again.expect('status', 'STATUS')).toMatchObject({ files: FILES, hashing: 0 });
  expect(await bytesRead(again)).toBeLessThan((FILES * FILE_LENGTH) / 2);
}, 900_000);
