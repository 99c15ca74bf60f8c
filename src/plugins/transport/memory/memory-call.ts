import { KernelError, type Address, type Clock } from '../../../kernel/index.ts';
import { MemoryConnection } from './memory-connection.ts';
import type { MemoryNetwork } from './memory-network.ts';

/** One dial: rings at the address dialled until the listener takes or refuses it, or the caller gives up. */
export class MemoryCall {
  /** The caller's end, once the call was taken. */
  readonly answered: Promise<MemoryConnection>;
  readonly #network: MemoryNetwork;
  readonly #from: Address;
  readonly #to: Address;
  readonly #clock: Clock;
  #resolve!: (connection: MemoryConnection) => void;
  #reject!: (error: Error) => void;
  /** Whether the listener took or refused it. */
  #decided = false;
  #givenUp = false;

  constructor(network: MemoryNetwork, from: Address, to: Address, clock: Clock) {
    this.#network = network;
    this.#from = from;
    this.#to = to;
    this.#clock = clock;
    this.answered = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Sends the call on its way. Where the link is cut it neither rings nor fails. */
  ring(): void {
    this.#network.wire(this.#from, this.#to).send(() => {
      const doorway = this.#network.doorway(this.#to);
      if (doorway === undefined) this.refuse('nobody listens there');
      else doorway.ring(this);
    });
  }

  /** The caller waits no more. A connection that was made all the same ends. */
  giveUp(): void {
    this.#givenUp = true;
  }

  /** The listener's end; `undefined` where the call is over. */
  take(): MemoryConnection | undefined {
    if (this.#decided || this.#givenUp) return undefined;
    this.#decided = true;
    const there = this.#network.wire(this.#from, this.#to);
    const back = this.#network.wire(this.#to, this.#from);
    const { caller, taker } = MemoryConnection.pair(there, back, this.#clock);
    back.send(() => {
      if (this.#givenUp) caller.abort(new KernelError('ERR_ABORTED', `the dial to ${this.#to} was given up`));
      else this.#resolve(caller);
    });
    return taker;
  }

  /** Tells the caller that there will be no connection. */
  refuse(why: string): void {
    if (this.#decided) return;
    this.#decided = true;
    const error = new KernelError('ERR_DIAL_FAILED', `cannot dial ${this.#to}: ${why}`);
    this.#network.wire(this.#to, this.#from).send(() => this.#reject(error));
  }
}
