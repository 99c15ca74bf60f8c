import { KernelError, errorCode, toError, type Address, type Clock, type Connection } from '../kernel/index.ts';
import { withDeadline } from './deadline.ts';
import { NOT_OURS } from './foreign-answer.ts';

export interface DialWithinOptions {
  readonly clock: Clock;
  readonly address: Address;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Dials by `connect`, whose signal aborts when the time is over or the caller gives up; a connection that comes all the same is aborted.
 *
 * @throws ERR_DIAL_FAILED, also for whatever else `connect` throws but ERR_TRANSPORT_DIFFERS; the signal's reason.
 */
export async function dialWithin(
  { clock, address, timeoutMs, signal }: DialWithinOptions,
  connect: (signal: AbortSignal) => Promise<Connection>,
): Promise<Connection> {
  const timedOut = () => new KernelError('ERR_DIAL_FAILED', `${NOT_OURS}; no answer within ${timeoutMs} ms`);
  try {
    return await withDeadline(clock, timeoutMs, timedOut, signal, (given) => {
      const connecting = connect(given);
      given.addEventListener('abort', () => {
        connecting.then(
          (connection) => connection.abort(toError(given.reason)),
          () => undefined,
        );
      });
      return connecting;
    });
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    const isForeign = errorCode(error) === 'ERR_TRANSPORT_DIFFERS';
    const text = `${address}: ${isSilence(error) ? `${NOT_OURS}; ` : ''}${describe(error)}`;
    throw new KernelError(isForeign ? 'ERR_TRANSPORT_DIFFERS' : 'ERR_DIAL_FAILED', text, { cause: error });
  }
}

/** Whether the machine was reached, and there nobody, or somebody who hung up without a word: codes of the system and of `readGreeting`. */
function isSilence(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'ERR_CONNECTION_LOST';
}

/** The text of an error; of each of the addresses that a name has, where all of them failed. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ');
  return toError(error).message;
}
