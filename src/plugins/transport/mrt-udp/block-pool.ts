/** Bytes of a block: a few of them hold a full datagram of loopback, and one wastes little on a small frame. */
export const BLOCK_LENGTH = 16 * 1024;

/** Blocks kept for the next that needs one: as much as a fast transfer has in flight. */
const MAX_SPARE = 512;

/** Where blocks come from and go back to. */
export interface BlockSource {
  /** A block of BLOCK_LENGTH bytes with any content. */
  take(): Buffer;
  /** Takes back a block that is not used any more. */
  give(block: Buffer): void;
}

/**
 * Memory that streams borrow while bytes wait in them, and give back. Fresh memory for each frame would cost more in garbage collection
 * than all of the protocol does. One for each endpoint, so that a connection at rest holds nothing.
 */
export class BlockPool implements BlockSource {
  readonly #spare: Buffer[] = [];

  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK_LENGTH);
  }

  give(block: Buffer): void {
    if (this.#spare.length < MAX_SPARE) this.#spare.push(block);
  }
}
