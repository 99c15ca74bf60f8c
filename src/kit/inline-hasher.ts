import { createHash } from 'node:crypto';
import { KernelError, type HashStream, type Hasher } from '../kernel/index.ts';
import { blake3 } from './blake3.ts';
import { PieceHashes } from './piece-hashes.ts';

/** Computes on the calling thread: for tests, and for programs that hash little. */
export function inlineHasher(): Hasher {
  let closed = false;
  const close = async () => {
    closed = true;
  };
  return {
    create: ({ pieceLength } = {}) => createStream(() => closed, pieceLength),
    hashPiece: blake3,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createStream(isClosed: () => boolean, pieceLength: number | undefined): HashStream {
  const file = createHash('sha256');
  const pieces = pieceLength === undefined ? undefined : new PieceHashes(pieceLength);
  let ended = false;
  const assertOpen = () => {
    if (isClosed()) throw new KernelError('ERR_CLOSED', 'the hasher is closed');
    if (ended) throw new KernelError('ERR_CLOSED', 'this checksum was taken or discarded already');
  };
  return {
    update: async (bytes) => {
      assertOpen();
      file.update(bytes);
      pieces?.update(bytes);
    },
    digest: async () => {
      assertOpen();
      ended = true;
      return { checksum: file.digest('hex'), pieces: pieces?.digest() ?? new Uint8Array(0) };
    },
    discard: () => {
      ended = true;
    },
  };
}
