import {
  KernelError,
  type AbortOptions,
  type Disk,
  type DiskFile,
  type Hasher,
  type PieceStrategy,
} from '../../kernel/index.ts';
import type { TokenBucket } from '../../kit/token-bucket.ts';
import type { FilePieces } from '../pieces/manifest.ts';
import { pieceLengthFor } from '../pieces/piece-length.ts';
import { factsOf, sameFacts, type FileFacts } from './file-facts.ts';

export interface ContentHasherOptions {
  readonly disk: Pick<Disk, 'open'>;
  readonly hasher: Pick<Hasher, 'create'>;
  readonly pieceStrategy: Pick<PieceStrategy, 'pieceLength'>;
  /** Bytes read for it in a second. */
  readonly rate: TokenBucket;
}

/** What one pass over a file says of its content. */
export interface HashedContent {
  /** SHA-256 in lower-case hex. */
  readonly checksum: string;
  /** `undefined` where the file is too large to have a manifest. */
  readonly pieces: FilePieces | undefined;
}

/** What a file holds, and the facts it had while it was read. */
export interface HashedFile extends HashedContent {
  readonly facts: FileFacts;
}

/** Bytes in memory of a file being hashed; larger saves round trips to the hasher. */
const CHUNK_LENGTH = 256 * 1024;

/** Reads files once for their checksum and the hashes of their pieces, no faster than it may. */
export class ContentHasher {
  readonly #options: ContentHasherOptions;

  constructor(options: ContentHasherOptions) {
    this.#options = options;
  }

  /**
   * Hashes a file and makes sure that it was the same file all along.
   *
   * @throws ERR_FILE_CHANGED where it was written to meanwhile, and the codes of the disk.
   */
  async hashFile(path: string, options: AbortOptions = {}): Promise<HashedFile> {
    await using file = await this.#options.disk.open(path, 'read');
    const facts = factsOf(await file.stat());
    const content = await this.hashOpen(file, facts?.size ?? 0, options);
    if (facts === undefined || !sameFacts(facts, factsOf(await file.stat()))) {
      throw new KernelError('ERR_FILE_CHANGED', `${JSON.stringify(path)} changed while it was hashed`);
    }
    return { ...content, facts };
  }

  /** Hashes an open file of `size` bytes from its start to its end. Rejects with the codes of the disk, or the signal's reason. */
  async hashOpen(file: Pick<DiskFile, 'read'>, size: number, options: AbortOptions = {}): Promise<HashedContent> {
    const { hasher, pieceStrategy, rate } = this.#options;
    const pieceLength = pieceLengthFor(pieceStrategy, size);
    const stream = hasher.create({ pieceLength });
    try {
      for (let position = 0, isEnd = false; !isEnd;) {
        options.signal?.throwIfAborted();
        if (position < size) await rate.take(Math.min(CHUNK_LENGTH, size - position), options);
        // With the last bytes one is asked for that should not be there: so no further read has to find out that nothing follows.
        const length = position > size ? CHUNK_LENGTH : Math.min(CHUNK_LENGTH, size - position + 1);
        const bytes = await file.read(position, length);
        position += bytes.length;
        isEnd = bytes.length < length;
        if (bytes.length > 0) await stream.update(bytes);
      }
      const { checksum, pieces: hashes } = await stream.digest();
      return { checksum, pieces: pieceLength === undefined ? undefined : { pieceLength, hashes } };
    } finally {
      stream.discard();
    }
  }
}
