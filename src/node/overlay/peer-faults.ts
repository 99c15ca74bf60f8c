import type { ErrorCode } from '../../kernel/index.ts';

const FAULTS: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode>([
  'ERR_MESSAGE',
  'ERR_PEER_MISMATCH',
  'ERR_LIMIT',
  'ERR_CIPHER_REJECTED',
  'ERR_FRAME_TOO_LARGE',
  'ERR_PACKET',
]);

/** Whether this is what only a peer that is broken, or means harm, ends a connection with: somebody should hear of it. */
export function isPeerFault(code: ErrorCode | undefined): boolean {
  return FAULTS.has(code);
}
