import { uninitialised } from '../../kit/uninitialised.ts';

/** Memory for work that is done before the call returns: one for a whole node, since nothing else runs meanwhile. */
export class Scratch {
  #bytes = new Uint8Array(0);

  /** `length` bytes of anything, until the next call. */
  borrow(length: number): Uint8Array {
    if (this.#bytes.length < length) this.#bytes = uninitialised(length);
    return this.#bytes.subarray(0, length);
  }

  /** The last borrower keeps its bytes. */
  surrender(): void {
    this.#bytes = new Uint8Array(0);
  }
}
