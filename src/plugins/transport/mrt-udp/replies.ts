import type { Transmit } from './connection-options.ts';

/** Answers that wait to be sent; more are dropped, as the network might. */
const MAX_REPLIES = 256;

/** Answers outside any connection, in their order. */
export class Replies {
  readonly #waiting: Transmit[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  push(transmit: Transmit | undefined): void {
    if (transmit !== undefined && this.#waiting.length < MAX_REPLIES) this.#waiting.push(transmit);
  }

  shift(): Transmit | undefined {
    return this.#waiting.shift();
  }
}
