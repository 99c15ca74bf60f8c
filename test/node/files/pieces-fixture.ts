import { inlineHasher } from '../../../src/kit/inline-hasher.ts';
import { seededRandom } from '../../../src/kit/seeded-random.ts';
import type { IncomingFile } from '../../../src/node/files/file-store.ts';
import {
  encodeManifest,
  manifestHash,
  pieceCount,
  pieceRange,
  type Manifest,
} from '../../../src/node/pieces/manifest.ts';
import type { FileRecord } from '../../../src/node/records.ts';
import { PIECE_LENGTH, record, sha256, type TestFiles } from './fixture.ts';

const { hashPiece } = inlineHasher();

/** A content, its record with a manifest, and the manifest. */
export interface Described {
  readonly content: Uint8Array;
  readonly record: FileRecord;
  readonly manifest: Manifest;
  readonly encoded: Uint8Array;
}

/** Bytes that no two seeds, and no two pieces, have in common. */
export function contentOf(seed: number, length: number): Uint8Array {
  return seededRandom(seed).bytes(length);
}

/** What bob wrote: a file of this content. With `says` the manifest and the record claim another checksum. */
export function describe(
  content: Uint8Array,
  fields: Partial<FileRecord> & { readonly says?: string } = {},
): Described {
  const { says = sha256(content), ...rest } = fields;
  const plain = record({ user: 'bob', ...rest, checksum: says, size: content.length });
  const { name, size, checksum, writer, version } = plain;
  const about = { size, pieceLength: PIECE_LENGTH };
  const hashes = Array.from({ length: pieceCount(about) }, (_, piece) => hashPiece(part(content, about, piece)));
  const manifest = { name, checksum, writer, version, ...about, hashes: new Uint8Array(Buffer.concat(hashes)) };
  const encoded = encodeManifest(manifest);
  return { content, manifest, encoded, record: { ...plain, manifest: manifestHash(encoded) } };
}

/** The bytes of a piece. */
export function pieceOf({ content, manifest }: Described, piece: number): Uint8Array {
  return part(content, manifest, piece);
}

/** Starts to receive a file, with its manifest. */
export async function beginToReceive({ files }: TestFiles, file: Described): Promise<IncomingFile> {
  const incoming = await files.store.receive(file.record);
  if (incoming.manifest === undefined) await incoming.begin(file.encoded);
  return incoming;
}

/** Writes the pieces that are missing, or of these the ones named; returns which it wrote. */
export async function writePieces(
  incoming: IncomingFile,
  file: Described,
  only?: readonly number[],
): Promise<number[]> {
  const written = incoming.held.set.missing().filter((piece) => only?.includes(piece) ?? true);
  for (const piece of written) await incoming.writePiece(piece, pieceOf(file, piece));
  return written;
}

/** Receives a whole file by its pieces; returns those that had to be written. */
export async function receivePieces(node: TestFiles, file: Described): Promise<number[]> {
  const incoming = await beginToReceive(node, file);
  const written = await writePieces(incoming, file);
  await incoming.commit();
  return written;
}

/** Receives a whole file at once. */
export async function putWhole({ files }: TestFiles, { content, encoded, manifest, record }: Described): Promise<void> {
  await files.small.put({ record, manifest, encoded, bytes: content });
}

/** What the index has below a name, as keys. */
export async function keysOf({ index }: TestFiles, sublevel: string): Promise<string[]> {
  return index.sublevel<string, unknown>(sublevel, {}).keys().all();
}

function part(content: Uint8Array, about: Pick<Manifest, 'size' | 'pieceLength'>, piece: number): Uint8Array {
  const { position, length } = pieceRange(about, piece);
  return content.slice(position, position + length);
}
