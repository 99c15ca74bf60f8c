import type { BlockLoan } from './block-loan.ts';
import { SEND_BACKLOG } from './constants.ts';
import type { SendStream } from './send-stream.ts';

/** Has whoever writes wait while there is no room, and tells when there is again. */
export class WriteGate {
  readonly #send: SendStream;
  readonly #pool: BlockLoan;
  readonly #onRoom: () => void;
  /** Whether the user was told to wait. */
  #isWaiting = false;

  constructor(send: SendStream, pool: BlockLoan, onRoom: () => void) {
    this.#send = send;
    this.#pool = pool;
    this.#onRoom = onRoom;
  }

  /** Whether more may be written; where not, `check` tells when. */
  ask(): boolean {
    const hasRoom = this.#hasRoom;
    this.#isWaiting ||= !hasRoom;
    return hasRoom;
  }

  /** To be called where something was sent or has arrived. */
  check(): void {
    if (!this.#isWaiting || !this.#hasRoom) return;
    this.#isWaiting = false;
    this.#onRoom();
  }

  get #hasRoom(): boolean {
    return this.#send.backlog < SEND_BACKLOG && !this.#pool.isExhausted;
  }
}
