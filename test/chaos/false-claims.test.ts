import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blake3 } from '../../src/kit/blake3.ts';
import { openLevelIndex, silentLogger } from '../../src/kit/index.ts';
import { recordToRow } from '../../src/node/files/file-rows.ts';
import { IndexRows } from '../../src/node/files/index-rows.ts';
import { ManifestTable } from '../../src/node/files/manifest-table.ts';
import { INDEX_DIRECTORY, PARTIAL_DIRECTORY } from '../../src/node/layout.ts';
import { PieceSet } from '../../src/node/pieces/piece-set.ts';
import { falseClaims } from './false-claims.ts';

const PIECE = 1_024;
const CONTENT = Buffer.concat([Buffer.alloc(PIECE, 1), Buffer.alloc(PIECE, 2), Buffer.alloc(10, 3)]);
const WRITER = '0'.repeat(32);

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'peerhold-claims-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Leaves what a node leaves that says it has these pieces of CONTENT, and has these bytes. */
async function leave(pieces: readonly number[], bytes: Uint8Array | undefined): Promise<void> {
  const { index } = await openLevelIndex(join(folder, INDEX_DIRECTORY));
  const manifests = new ManifestTable({ index, logger: silentLogger() });
  const facts = { name: 'film', size: CONTENT.length, checksum: 'ab'.repeat(32), writer: WRITER };
  const version = new Map([[WRITER, 1]]);
  const hashes = Buffer.concat([0, 1, 2].map((piece) => blake3(CONTENT.subarray(piece * PIECE, (piece + 1) * PIECE))));
  const manifest = manifests.put({ ...facts, version, pieceLength: PIECE, hashes });
  manifests.retain(manifest);
  await manifests.save();
  const held = new PieceSet(3);
  for (const piece of pieces) held.add(piece);
  const record = recordToRow({ ...facts, version, manifest, modifiedMs: 0, user: 'ann' });
  const row = { record, held: Buffer.from(held.toBytes()).toString('base64'), savedMs: 0 };
  await new IndexRows(index, 'partials').write([[manifest, row]]);
  await index.close();
  await mkdir(join(folder, PARTIAL_DIRECTORY), { recursive: true });
  if (bytes !== undefined) await writeFile(join(folder, PARTIAL_DIRECTORY, manifest), bytes);
}

test('who has what it says claims nothing false, however much more it has', async () => {
  await leave([0, 2], CONTENT);
  expect(await falseClaims(folder, { died: true })).toEqual([]);
});

test('a piece with another content is named', async () => {
  await leave([0, 1], Buffer.concat([CONTENT.subarray(0, PIECE), Buffer.alloc(PIECE)]));
  expect(await falseClaims(folder, { died: true })).toEqual([expect.stringMatching(/^claims piece 1 of film in /)]);
});

test('a piece beyond the end of what is there is named', async () => {
  await leave([2], CONTENT.subarray(0, CONTENT.length - 1));
  expect(await falseClaims(folder, { died: true })).toEqual([expect.stringMatching(/^claims piece 2 of film in /)]);
});

test('a file that is not there any more is a false claim of a node that had time to say so', async () => {
  await leave([0], undefined);
  expect(await falseClaims(folder, { died: true })).toEqual([]);
  expect(await falseClaims(folder, { died: false })).toHaveLength(1);
});
