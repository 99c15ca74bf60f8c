import { KernelError, errorCode, toError } from '../../../kernel/index.ts';
import { CLOSE_TIMEOUT_MS } from './constants.ts';
import type { UdpAddress } from './udp-address.ts';

/** The error of a dial whose packets cannot be sent. */
export function unreachable({ ip, port }: UdpAddress, cause: Error): KernelError {
  return new KernelError('ERR_DIAL_FAILED', `${ip} port ${port} cannot be reached: ${cause.message}`, { cause });
}

/** The error of a connection that ended without its closing mark. */
export function lostTo(remote: UdpAddress, why: string, resetCode?: number): KernelError {
  const code = resetCode === undefined ? '' : ` (code ${resetCode})`;
  return new KernelError(
    'ERR_CONNECTION_LOST',
    `the connection to ${remote.ip} port ${remote.port} is lost: ${why}${code}`,
  );
}

/** The error of a connection whose peer has everything of ours and does not end its own half. */
export function leftOpen(remote: UdpAddress): KernelError {
  return lostTo(remote, 'it did not close its side in the time allowed');
}

/** The error of a connection whose peer broke the protocol. */
export function violation(thrown: unknown): Error {
  const error = toError(thrown);
  if (errorCode(error) === 'ERR_FRAME_TOO_LARGE') return error;
  return new KernelError('ERR_CONNECTION_LOST', `the peer broke the protocol: ${error.message}`, { cause: error });
}

/** The error of a close that the peer did not let come to its end. */
export function closeTimeout(): KernelError {
  return new KernelError(
    'ERR_CLOSE_TIMEOUT',
    `the peer did not take everything within ${CLOSE_TIMEOUT_MS} ms of closing`,
  );
}
