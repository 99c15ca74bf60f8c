import { KernelError, type Clock, type Settings, type Timer } from '../../kernel/index.ts';
import { deferred } from '../../kit/deferred.ts';

export interface AwaitedIntroductionOptions {
  readonly clock: Clock;
  readonly settings: Pick<Settings, 'deadMs'>;
  /** Nothing came in time. */
  readonly onLate: (reason: KernelError) => void;
}

/** What a peer has to say of its network before it is any use as a neighbour, and the time that it has for it. */
export class AwaitedIntroduction {
  readonly #options: AwaitedIntroductionOptions;
  readonly #told = deferred<undefined>();
  #timer: Timer | undefined;

  constructor(options: AwaitedIntroductionOptions) {
    this.#options = options;
    // Nobody has to wait for it.
    this.#told.promise.catch(() => undefined);
  }

  /** Resolves when the peer has told its network; rejects where that is not to be expected any more. */
  get told(): Promise<undefined> {
    return this.#told.promise;
  }

  /** The peer has the whole time from now on. */
  arm(): void {
    const { clock, settings, onLate } = this.#options;
    this.#timer?.cancel();
    this.#timer = clock.setTimer(settings.deadMs, () => {
      const late = `the peer did not tell its network within ${settings.deadMs} ms`;
      onLate(new KernelError('ERR_HANDSHAKE_TIMEOUT', late));
    });
  }

  /** The peer begins to tell: it has all the time it needs. */
  begins(): void {
    this.#timer?.cancel();
  }

  /** The peer has told. */
  done(): void {
    this.#told.resolve(undefined);
  }

  /** The connection ended. Idempotent, and harmless where the peer has told. */
  fail(reason: Error): void {
    this.#timer?.cancel();
    this.#told.reject(reason);
  }
}
