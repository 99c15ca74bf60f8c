import { hash } from 'node:crypto';

/** SHA-256 of bytes at hand, in lower-case hex, on the calling thread. For what is too short to be worth a thread of its own. */
export function sha256(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}
