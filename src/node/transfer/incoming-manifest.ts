import { KernelError, type NodeId } from '../../kernel/index.ts';
import { MAX_RANGE_LENGTH } from '../messages/limits.ts';
import type { ManifestMessage } from '../messages/message.ts';
import { decodeManifest, manifestHash } from '../pieces/manifest.ts';

/** A range of a manifest. */
export interface ManifestRange {
  readonly position: number;
  readonly length: number;
}

/** What came of a manifest: all of it, or that the source does not have it. */
export type ManifestAnswer = { readonly encoded: Uint8Array } | 'none';

/** A manifest that comes from one source, range by range. */
export class IncomingManifest {
  readonly #peer: NodeId;
  /** BLAKE3-256 that it must have, in hex. */
  readonly #hash: string;
  readonly #maxLength: number;
  #bytes: Uint8Array | undefined;
  #received = 0;
  #asked: ManifestRange | undefined;

  constructor(peer: NodeId, hash: string, maxRangeLength: number) {
    this.#peer = peer;
    this.#hash = hash;
    this.#maxLength = Math.min(maxRangeLength, MAX_RANGE_LENGTH);
  }

  /** What to ask for now; `undefined` while something is asked for, or nothing is left. */
  next(): ManifestRange | undefined {
    if (this.#asked !== undefined || this.#received === this.#bytes?.length) return undefined;
    this.#asked = { position: this.#received, length: this.#maxLength };
    return this.#asked;
  }

  /**
   * Takes an answer. `undefined` where more has to be asked for.
   *
   * @throws ERR_MESSAGE where it does not answer what was asked, ERR_MANIFEST where the whole is not the manifest that was asked for, or malformed.
   */
  take({ bytes, position, total }: ManifestMessage): ManifestAnswer | undefined {
    const asked = this.#asked;
    if (asked === undefined) throw this.#refused('a MANIFEST nobody waits for');
    this.#asked = undefined;
    if (total === 0 && this.#bytes === undefined) return 'none';
    const known = this.#bytes?.length ?? total;
    if (total !== known || position !== asked.position || bytes.length !== Math.min(asked.length, total - position)) {
      throw this.#refused(`${bytes.length} bytes at ${position} of ${total} of a manifest, for ${asked.length}`);
    }
    // The total is within MAX_MANIFEST_LENGTH, or it would not have been read.
    this.#bytes ??= new Uint8Array(total);
    this.#bytes.set(bytes, position);
    this.#received += bytes.length;
    if (this.#received < total) return undefined;
    if (manifestHash(this.#bytes) !== this.#hash) {
      throw new KernelError('ERR_MANIFEST', `${this.#peer} sent another manifest than was asked for`);
    }
    // Nobody takes in a malformed one: whoever has it to send means harm.
    decodeManifest(this.#bytes);
    return { encoded: this.#bytes };
  }

  #refused(what: string): KernelError {
    return new KernelError('ERR_MESSAGE', `${this.#peer} sent ${what}`);
  }
}
