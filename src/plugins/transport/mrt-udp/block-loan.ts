import { BLOCK_LENGTH, type BlockPool, type BlockSource } from './block-pool.ts';

/** Bytes that a connection may hold however much the others do, so that none starves. */
const OWN_MEMORY = 64 * 1024;

/** What the connections of a socket hold together: blocks of a pool, and whole datagrams. */
export class SocketMemory {
  readonly pool: BlockPool;
  /** Bytes at which those who hold their part have to wait. */
  readonly limit: number;
  /** Bytes. */
  held = 0;
  /** Who may take more nevertheless. */
  overdrawn: BlockLoan | undefined;

  constructor(pool: BlockPool, limit: number) {
    this.pool = pool;
    this.limit = limit;
  }
}

/** What one connection holds of its socket's memory: blocks that its streams borrow, and datagrams that wait for those before them. */
export class BlockLoan implements BlockSource {
  readonly #memory: SocketMemory;
  #held = 0;
  #isSettled = false;

  constructor(memory: SocketMemory) {
    this.#memory = memory;
  }

  /** Whether all together hold what they may and the connection its part: it takes no more until something is given back. */
  get isExhausted(): boolean {
    return this.#memory.held >= this.#memory.limit && this.#held >= OWN_MEMORY;
  }

  /** The same for half of it: nothing is kept that can wait, so that there is room for what others wait for. */
  get isScarce(): boolean {
    return this.#memory.held >= this.#memory.limit / 2 && this.#held >= OWN_MEMORY;
  }

  /**
   * Asks to take more although it is exhausted. One connection at a time may, until it repays: else connections of which each holds a part of
   * a frame would wait for each other.
   */
  overdraw(): boolean {
    this.#memory.overdrawn ??= this;
    return this.#memory.overdrawn === this;
  }

  /** A frame became whole and was taken out: another may overdraw. */
  repay(): void {
    if (this.#memory.overdrawn === this) this.#memory.overdrawn = undefined;
  }

  take(): Buffer {
    this.hold(BLOCK_LENGTH);
    return this.#memory.pool.take();
  }

  give(block: Buffer): void {
    this.hold(-BLOCK_LENGTH);
    this.#memory.pool.give(block);
  }

  /** Counts bytes that are not of the pool; negative where they are let go. */
  hold(bytes: number): void {
    if (this.#isSettled) return;
    this.#held += bytes;
    this.#memory.held += bytes;
  }

  /** The connection is over: what is left of it is its reader's. */
  settle(): void {
    this.repay();
    this.hold(-this.#held);
    this.#isSettled = true;
  }
}
