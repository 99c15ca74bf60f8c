import { createHash } from 'node:crypto';
import { KernelError, type HashStream, type Hasher } from '../kernel/index.ts';

/** Computes on the calling thread: for tests, and for programs that hash little. */
export function inlineHasher(): Hasher {
  let closed = false;
  const close = async () => {
    closed = true;
  };
  return {
    create: () => createStream(() => closed),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createStream(isClosed: () => boolean): HashStream {
  const hash = createHash('sha256');
  let ended = false;
  const assertOpen = () => {
    if (isClosed()) throw new KernelError('ERR_CLOSED', 'the hasher is closed');
    if (ended) throw new KernelError('ERR_CLOSED', 'this checksum was taken or discarded already');
  };
  return {
    update: async (bytes) => {
      assertOpen();
      hash.update(bytes);
    },
    digest: async () => {
      assertOpen();
      ended = true;
      return hash.digest('hex');
    },
    discard: () => {
      ended = true;
    },
  };
}
