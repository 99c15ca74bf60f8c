import type { Clock, Logger, Timer } from '../../kernel/index.ts';
import { BackgroundTasks } from '../background.ts';
import { MAX_INCARNATION_LEAP } from './membership.ts';
import type { SelfRecord } from './self-record.ts';

/** Shortest time between two words of this node that it lives: whoever says again and again that it does not makes no storm of it. */
const PAUSE_MS = 1_000;

export interface OwnWordOptions {
  readonly self: SelfRecord;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Tells all neighbours our own record. */
  readonly sayAlive: () => void;
}

/** Refutes what others say of this node: that it is gone, or under an incarnation that it never had. */
export class OwnWord {
  readonly #options: OwnWordOptions;
  readonly #tasks: BackgroundTasks;
  #pause: Timer | undefined;
  #sayAgain = false;

  constructor(options: OwnWordOptions) {
    this.#options = options;
    this.#tasks = new BackgroundTasks(options.logger);
  }

  /** Others say that we are gone, or may be, under an incarnation; one that is over is of no interest. */
  claimed(incarnation: number): void {
    if (incarnation >= this.#options.self.incarnation) this.refute(incarnation);
  }

  /** Answers to what others say of us under an incarnation: with one that is higher still. */
  refute(incarnation: number): void {
    const { self, logger } = this.#options;
    if (incarnation > self.incarnation + MAX_INCARNATION_LEAP) {
      logger.warn('self.claim_ignored', { claimed: incarnation });
      return;
    }
    logger.info('self.refuted', { claimed: incarnation });
    // The new incarnation holds at once; only its way to the disk is not waited for.
    this.#tasks.run('self.not_saved', self.raiseAbove(incarnation));
    this.#say();
  }

  /** Ends what is left to be said; resolves when nothing is being written any more. */
  async close(): Promise<void> {
    this.#pause?.cancel();
    await this.#tasks.settled();
  }

  /** At once, or, where it was said just now, in a moment. */
  #say(): void {
    if (this.#pause !== undefined) {
      this.#sayAgain = true;
      return;
    }
    this.#sayAgain = false;
    this.#options.sayAlive();
    this.#pause = this.#options.clock.setTimer(PAUSE_MS, () => {
      this.#pause = undefined;
      if (this.#sayAgain) this.#say();
    });
  }
}
