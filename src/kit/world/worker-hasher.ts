import { KernelError, type HashResult, type HashStream, type Hasher } from '../../kernel/index.ts';
import { blake3 } from '../blake3.ts';
import { HashThread } from './hash-thread.ts';

/**
 * Hashes files on one thread of its own, which all streams share and the first one starts. Each stream has at most two chunks under way. Where
 * the thread dies, its streams end with ERR_CLOSED, and the next one starts another.
 */
export function workerHasher(): Hasher {
  const closed = new KernelError('ERR_CLOSED', 'the hasher is closed');
  let thread: HashThread | undefined;
  let streams = 0;
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= thread?.end(closed) ?? Promise.resolve());
  return {
    create: ({ pieceLength = 0 } = {}) => {
      if (closing !== undefined) return endedStream(closed);
      if (thread === undefined || thread.ended) thread = new HashThread();
      return new WorkerHashStream(thread, { stream: streams++, pieceLength });
    },
    hashPiece: blake3,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A stream of a hasher that is closed. */
function endedStream(error: Error): HashStream {
  return { update: () => Promise.reject(error), digest: () => Promise.reject(error), discard: () => undefined };
}

class WorkerHashStream implements HashStream {
  readonly #thread: HashThread;
  readonly #about: { readonly stream: number; readonly pieceLength: number };
  /** The outcome of the last chunk. */
  #taken: Promise<unknown> = Promise.resolve();
  #ended = false;

  /** @param about the number of the stream, and the length of pieces, 0 where they are not hashed. */
  constructor(thread: HashThread, about: { readonly stream: number; readonly pieceLength: number }) {
    this.#thread = thread;
    this.#about = about;
  }

  /** Resolves when the chunk before this one is hashed, so that the caller reads the next meanwhile. */
  async update(bytes: Uint8Array): Promise<void> {
    this.#assertOpen();
    // A part of a larger buffer cannot be moved without the rest, which is not ours.
    const owned = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
    const before = this.#taken;
    this.#taken = this.#thread.ask({ type: 'update', ...this.#about, bytes: owned });
    // Where it fails the thread is gone, and the next call says so.
    this.#taken.catch(() => undefined);
    await before;
  }

  async digest(): Promise<HashResult> {
    this.#assertOpen();
    this.#ended = true;
    return this.#thread.ask({ type: 'digest', ...this.#about });
  }

  discard(): void {
    if (this.#ended) return;
    this.#ended = true;
    // Where the thread is gone, so is the computation.
    this.#thread.ask({ type: 'discard', ...this.#about }).catch(() => undefined);
  }

  #assertOpen(): void {
    if (this.#ended) throw new KernelError('ERR_CLOSED', 'this checksum was taken or discarded already');
  }
}
