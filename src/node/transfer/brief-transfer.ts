import { toError } from '../../kernel/index.ts';
import { abortable } from '../../kit/deadline.ts';
import type { OpenedSource } from './source-opener.ts';
import type { TransferHandler } from './transfer-connection.ts';

/**
 * A transfer that is there for an answer, not for a file: opens it, lets `work` wait for what `handler` hears, and ends it. Where `work` did not
 * say DONE, and the other side did not end it, that is told by then that nothing more is wanted, and why. Rejects as `work` does, or with the signal's reason.
 */
export async function briefTransfer<T>(
  { connection, opening }: OpenedSource,
  handler: TransferHandler,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const { transfer } = opening;
  try {
    connection.register(transfer, handler);
    await abortable(connection.send(opening), signal);
    return await work();
  } catch (error) {
    connection.refuse(transfer, toError(error));
    throw error;
  } finally {
    connection.refuse(transfer, new Error('nothing more is wanted'));
  }
}
