import type { Clock } from '../kernel/index.ts';

/**
 * Runs work that must be done in `ms`. When the time is over, or the outer signal aborts, the work's own signal aborts and the call
 * rejects at once with `makeError()` or the outer reason, whether the work listens or not: work that makes something closes
 * it where its signal aborted meanwhile. Timer and listener are gone when the call settles.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  makeError: () => Error,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const forward = () => controller.abort(signal?.reason);
  signal?.addEventListener('abort', forward, { once: true });
  const timer = clock.setTimer(ms, () => controller.abort(makeError()));
  try {
    return await abortable(work(controller.signal), controller.signal);
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', forward);
  }
}

/**
 * The promise's outcome, or the signal's reason if it aborts first. The promise itself runs on, and its outcome is then ignored, so
 * this is for what holds nothing that would have to be closed.
 */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
