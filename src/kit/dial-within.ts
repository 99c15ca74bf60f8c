import { KernelError, errorCode, toError, type Address, type Clock, type Connection } from '../kernel/index.ts';
import { withDeadline } from './deadline.ts';

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
  const timedOut = () => new KernelError('ERR_DIAL_FAILED', `no answer within ${timeoutMs} ms`);
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
    const code = errorCode(error);
    const text = `${address}: ${describe(error)}`;
    throw new KernelError(code === 'ERR_TRANSPORT_DIFFERS' ? code : 'ERR_DIAL_FAILED', text, { cause: error });
  }
}

/** The text of an error; of each of the addresses that a name has, where all of them failed. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ');
  return toError(error).message;
}
