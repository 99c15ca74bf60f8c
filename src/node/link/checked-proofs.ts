import type { NodeId } from '../../kernel/index.ts';
import { asBuffer } from '../../kit/as-buffer.ts';
import { checkProof, type LinkRole } from './identity-proof.ts';

/** Proofs remembered: two for each run of more nodes than a network has, at some hundred bytes each. */
const DEFAULT_LIMIT = 4_096;

/**
 * The proofs of identity that were right and came lately. A node shows the same bytes for as long as it runs, and to look at their signature again
 * could find nothing new: that the other end has the static key which is signed, each handshake proves by itself.
 */
export class CheckedProofs {
  readonly #limit: number;
  /** By role, static key and proof; oldest first. */
  readonly #peers = new Map<string, NodeId>();

  constructor(limit = DEFAULT_LIMIT) {
    this.#limit = limit;
  }

  /** Proofs remembered now. */
  get size(): number {
    return this.#peers.size;
  }

  /** As `checkProof`. */
  check(proof: Uint8Array, role: LinkRole, staticKey: Uint8Array): NodeId {
    const key = `${role} ${textOf(staticKey)} ${textOf(proof)}`;
    const known = this.#peers.get(key);
    if (known !== undefined) return known;
    const peer = checkProof(proof, role, staticKey);
    this.#peers.set(key, peer);
    const [oldest] = this.#peers.keys();
    if (this.#peers.size > this.#limit && oldest !== undefined) this.#peers.delete(oldest);
    return peer;
  }
}

function textOf(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('base64');
}
