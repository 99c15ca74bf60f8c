import type { NodeId } from '../../kernel/index.ts';
import type { TransferProgress } from '../api.ts';

export interface OfferProgressOptions {
  /** Bytes of the file. */
  readonly size: number;
  /** How many nodes it goes to. */
  readonly targets: number;
  readonly onProgress: ((progress: TransferProgress) => void) | undefined;
}

/** Adds up what the targets of one offer have got. Each counts for the whole file in the end, also where it had it or failed. */
export class OfferProgress {
  readonly #options: OfferProgressOptions;
  readonly #sent = new Map<NodeId, number>();

  constructor(options: OfferProgressOptions) {
    this.#options = options;
  }

  /** So many bytes have gone to a target; some twice, where a connection was lost. */
  sent(target: NodeId, bytes: number): void {
    const { size, targets, onProgress } = this.#options;
    this.#sent.set(target, Math.min(bytes, size));
    let received = 0;
    for (const each of this.#sent.values()) received += each;
    onProgress?.({ received, size: size * targets, source: target });
  }

  /** A target has answered. */
  ended(target: NodeId): void {
    this.sent(target, this.#options.size);
  }
}
