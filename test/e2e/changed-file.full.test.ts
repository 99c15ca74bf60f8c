import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeProcess } from '../../src/cli/node-process.ts';
import { eventually } from './support/eventually.ts';
import { overwrite, sha256File, writeRandomFile } from './support/files.ts';
import { HUGE } from './support/pair.ts';
import { useNodes } from './support/start-node.ts';

const MIB = 1024 * 1024;
const NAME = 'large.bin';
const PATIENCE_MS = 240_000;
/** Somewhere in the middle, at no end of a piece. */
const CHANGED_AT = HUGE / 2 + 12_345;

// A copy would be made at the same time.
const nodes = useNodes({ settings: { replicas: 0 } });

/** GET, once the node knows of a content; resolves to what came from whom. */
async function get(node: NodeProcess, checksum: string) {
  await eventually(async () => {
    const { files } = await node.expect('listed', 'LIST');
    expect(files.find((file) => file.current)).toMatchObject({ name: NAME, checksum });
  }, PATIENCE_MS);
  const { sources } = await node.expect('received', `GET ${NAME}`, PATIENCE_MS);
  expect(await sha256File(join(node.folder, NAME))).toBe(checksum);
  return sources;
}

test(`of a file of ${HUGE / MIB} MiB in which one was changed only the pieces that this touches are sent, and the manifest`, async () => {
  const folder = await nodes.folder();
  const path = join(folder, NAME);
  const logFile = join(await nodes.folder('log'), 'holder.log');
  const checksum = await writeRandomFile(path, HUGE);
  const flags = ['--log-level', 'info', '--log-file', logFile];
  const [holder, asker] = await Promise.all([nodes.start({ folder, flags }), nodes.start()]);
  await asker.expect('added', `ADD ${holder.address}`);
  expect(await get(asker, checksum)).toEqual({ [holder.id]: HUGE });

  await overwrite(path, CHANGED_AT, Buffer.alloc(MIB, 'changed'));
  const { pieceLength } = await holder.expect('pieces', `PIECES ${NAME}`);
  const length = pieceLength ?? 0;
  const touched = Math.floor((CHANGED_AT + MIB - 1) / length) - Math.floor(CHANGED_AT / length) + 1;
  expect(await get(asker, await sha256File(path))).toEqual({ [holder.id]: touched * length });

  // What the holder sent, whether or not the other had a use for it.
  await eventually(async () => {
    const lines = (await readFile(logFile, 'utf8')).split('\n');
    const sent = lines.flatMap((line) => / transfer\.upload_ended .*\bbytes=(\d+)/.exec(line)?.[1] ?? []);
    expect(sent.map(Number)).toEqual([HUGE, touched * length]);
  });
}, 600_000);
