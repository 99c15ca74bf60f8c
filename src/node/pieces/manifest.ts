import { KernelError, type NodeId } from '../../kernel/index.ts';
import { asBuffer } from '../../kit/as-buffer.ts';
import { BLAKE3_LENGTH, blake3 } from '../../kit/blake3.ts';
import { nameProblem } from '../messages/file-name.ts';
import { MAX_COUNTER, MAX_NAME_LENGTH, MAX_WRITERS } from '../messages/limits.ts';
import { parseVersion, versionText } from '../messages/version-vector.ts';
import type { FileRecord, VersionVector } from '../records.ts';
import { MAX_PIECES } from './piece-set.ts';

/** How a content is cut. */
export interface FilePieces {
  /** Bytes of every piece but the last, MIN_PIECE_LENGTH to MAX_PIECE_LENGTH. */
  readonly pieceLength: number;
  /** BLAKE3-256 of each piece, one after the other: 32 bytes each. */
  readonly hashes: Uint8Array;
}

/** What a file is made of. The writer vouches that the content with this checksum has pieces with these hashes. */
export interface Manifest extends FilePieces {
  /** '/'-separated path within the folder. */
  readonly name: string;
  /** Bytes of the file. */
  readonly size: number;
  /** SHA-256 of the file in lower-case hex. */
  readonly checksum: string;
  readonly writer: NodeId;
  readonly version: VersionVector;
}

/** Where a piece lies in its file. */
export interface PieceRange {
  readonly position: number;
  readonly length: number;
}

/** Bytes of a piece: the smallest is what is still worth a message of its own. */
export const MIN_PIECE_LENGTH = 1_024;
export const MAX_PIECE_LENGTH = 2 ** 30;

/**
 * Bytes that a piece has at most where shorter ones would not be too many. A piece is in memory while it comes and while it is looked at: else
 * whoever writes a manifest could have every receiver hold a whole GiB of each source.
 */
export const MAX_USUAL_PIECE_LENGTH = 2 ** 24;

/** Bytes of the hash of one piece. */
export const PIECE_HASH_LENGTH = BLAKE3_LENGTH;

const MAGIC = Buffer.from('PHMF', 'latin1');
const FORMAT = 1;
/** The algorithms of the piece hashes. There is one. */
const BLAKE3_256 = 1;
const CHECKSUM_LENGTH = 32;
const WRITER_LENGTH = 16;
/** Everything before the version: magic, format, algorithm, size, piece length, checksum, count, writer. */
const HEADER_LENGTH = MAGIC.length + 1 + 1 + 8 + 4 + CHECKSUM_LENGTH + 4 + WRITER_LENGTH;
/** Bytes of the longest version text: of each writer the id, a colon, the counter and a separator. */
const MAX_VERSION_LENGTH = MAX_WRITERS * (32 + 1 + String(MAX_COUNTER).length + 1);

/** Bytes of the longest manifest: somewhat over 2 MiB. */
export const MAX_MANIFEST_LENGTH =
  HEADER_LENGTH + 2 + MAX_VERSION_LENGTH + 2 + MAX_NAME_LENGTH + MAX_PIECES * PIECE_HASH_LENGTH;

/** How many pieces a file has. */
export function pieceCount({ size, pieceLength }: Pick<Manifest, 'size' | 'pieceLength'>): number {
  return Math.ceil(size / pieceLength);
}

/** Where a piece lies; the last one may be shorter. @throws RangeError where the file has no such piece */
export function pieceRange(manifest: Pick<Manifest, 'size' | 'pieceLength'>, piece: number): PieceRange {
  const { size, pieceLength } = manifest;
  if (!Number.isInteger(piece) || piece < 0 || piece >= pieceCount(manifest)) {
    throw new RangeError(`piece ${piece} of a file of ${pieceCount(manifest)}`);
  }
  const position = piece * pieceLength;
  return { position, length: Math.min(pieceLength, size - position) };
}

/** The hash a piece has to have; a view, not a copy. */
export function pieceHash({ hashes }: Pick<Manifest, 'hashes'>, piece: number): Uint8Array {
  return hashes.subarray(piece * PIECE_HASH_LENGTH, (piece + 1) * PIECE_HASH_LENGTH);
}

/** Whether the bytes of a hash are those of a piece. */
export function isPiece(manifest: Pick<Manifest, 'hashes'>, piece: number, hash: Uint8Array): boolean {
  return Buffer.compare(pieceHash(manifest, piece), hash) === 0;
}

/**
 * The one form a manifest has as bytes, as `docs/protocol.md` lays it out: the same manifest always gives the same.
 *
 * @throws ERR_MANIFEST for one that `decodeManifest` would refuse.
 */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const version = Buffer.from(versionText(manifest.version));
  const name = Buffer.from(manifest.name);
  assertManifest(manifest);
  const bytes = Buffer.alloc(HEADER_LENGTH + 2 + version.length + 2 + name.length + manifest.hashes.length);
  const { checksum, hashes, pieceLength, size, writer } = manifest;
  let at = MAGIC.copy(bytes);
  at = bytes.writeUInt8(FORMAT, at);
  at = bytes.writeUInt8(BLAKE3_256, at);
  at = bytes.writeBigUInt64BE(BigInt(size), at);
  at = bytes.writeUInt32BE(pieceLength, at);
  at += bytes.write(checksum, at, 'hex');
  at = bytes.writeUInt32BE(pieceCount(manifest), at);
  at += bytes.write(writer, at, 'hex');
  for (const text of [version, name]) {
    at = bytes.writeUInt16BE(text.length, at);
    at += text.copy(bytes, at);
  }
  bytes.set(hashes, at);
  return bytes;
}

/**
 * Reads a manifest. Nothing is made at a length that the bytes only claim.
 *
 * @throws ERR_MANIFEST for anything that `encodeManifest` does not make.
 */
export function decodeManifest(encoded: Uint8Array): Manifest {
  if (encoded.length > MAX_MANIFEST_LENGTH) throw refused(`it has ${encoded.length} bytes`);
  const reader = new Reader(encoded);
  if (!reader.take(MAGIC.length).equals(MAGIC)) throw refused('it does not begin as one');
  const format = reader.number(1);
  if (format !== FORMAT) throw refused(`its format is ${format}, not ${FORMAT}`);
  const algorithm = reader.number(1);
  if (algorithm !== BLAKE3_256) throw refused(`the algorithm of its hashes is ${algorithm}, not ${BLAKE3_256}`);
  const size = Number(reader.take(8).readBigUInt64BE());
  const pieceLength = reader.number(4);
  const checksum = reader.take(CHECKSUM_LENGTH).toString('hex');
  const count = reader.number(4);
  const writer = reader.take(WRITER_LENGTH).toString('hex');
  const version = parseVersion(reader.text());
  if (version === undefined) throw refused('its version is none');
  const name = reader.text();
  const hashes = reader.rest();
  const manifest = { name, size, checksum, pieceLength, hashes, writer, version };
  assertManifest(manifest);
  if (count !== pieceCount(manifest)) throw refused(`it claims ${count} pieces, not ${pieceCount(manifest)}`);
  return manifest;
}

/** What a record says of its manifest: BLAKE3-256 of the encoded form in lower-case hex. */
export function manifestHash(encoded: Uint8Array): string {
  return Buffer.from(blake3(encoded)).toString('hex');
}

/** Makes sure that a manifest is that of a record. @throws ERR_MANIFEST naming what differs */
export function checkManifest(manifest: Manifest, record: FileRecord): void {
  for (const field of ['name', 'size', 'checksum', 'writer'] as const) {
    if (manifest[field] !== record[field]) throw refused(`its ${field} is not that of the record`);
  }
  if (versionText(manifest.version) !== versionText(record.version))
    throw refused('its version is not that of the record');
}

function assertManifest(manifest: Manifest): void {
  const { checksum, hashes, name, pieceLength, size, writer } = manifest;
  if (!Number.isSafeInteger(size) || size < 0) throw refused(`the file has ${size} bytes`);
  if (!Number.isInteger(pieceLength) || pieceLength < MIN_PIECE_LENGTH || pieceLength > MAX_PIECE_LENGTH) {
    throw refused(`its pieces have ${pieceLength} bytes`);
  }
  if (pieceLength > MAX_USUAL_PIECE_LENGTH && size <= (pieceLength / 2) * MAX_PIECES) {
    throw refused(`its pieces have ${pieceLength} bytes, where half of that would do`);
  }
  const count = pieceCount(manifest);
  if (count > MAX_PIECES) throw refused(`the file has ${count} pieces`);
  if (hashes.length !== count * PIECE_HASH_LENGTH) {
    throw refused(`its hashes have ${hashes.length} bytes, where ${count} pieces need ${count * PIECE_HASH_LENGTH}`);
  }
  if (!/^[0-9a-f]{64}$/.test(checksum)) throw refused('its checksum is none');
  if (!/^[0-9a-f]{32}$/.test(writer)) throw refused('its writer is none');
  if (parseVersion(versionText(manifest.version)) === undefined) throw refused('its version is none');
  const problem = nameProblem(name);
  if (problem !== undefined) throw refused(`its name ${problem}`);
}

function refused(problem: string): KernelError {
  return new KernelError('ERR_MANIFEST', `the manifest is refused: ${problem}`);
}

/** Takes fields from the front, never more than there is. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = asBuffer(bytes);
  }

  take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw refused('it ends too early');
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  /** A whole number of 1, 2 or 4 bytes, the highest first. */
  number(length: 1 | 2 | 4): number {
    return this.take(length).readUIntBE(0, length);
  }

  /** UTF-8 after its length in two bytes. */
  text(): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.take(this.number(2)));
    } catch (error) {
      if (error instanceof KernelError) throw error;
      throw new KernelError('ERR_MANIFEST', 'the manifest is refused: it holds text that is not UTF-8', {
        cause: error,
      });
    }
  }

  rest(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(this.#at));
  }
}
