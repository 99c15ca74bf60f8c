/**
 * Memory with anything in it, for whoever writes all of it. Its own and not part of Node.js' pool, so that it can be given back (`discard`); no Buffer,
 * whose `slice` shares memory.
 */
export function uninitialised(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}
