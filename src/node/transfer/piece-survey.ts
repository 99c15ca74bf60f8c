import type { NodeId } from '../../kernel/index.ts';
import { abortable } from '../../kit/deadline.ts';
import { deferred, type Deferred } from '../../kit/deferred.ts';
import type { BinaryMessage } from '../messages/message.ts';
import { briefTransfer } from './brief-transfer.ts';
import { IncomingManifest, type ManifestAnswer } from './incoming-manifest.ts';
import { refusal } from './refusal.ts';
import type { OpenedSource } from './source-opener.ts';
import { SourcePieces } from './source-pieces.ts';
import { unexpected, type TransferConnection, type TransferHandler } from './transfer-connection.ts';

/** What one node said of a file. */
export interface SurveyedSource {
  /** Which pieces it has. */
  readonly pieces: SourcePieces;
  /** Encoded; `undefined` where it was not asked for, or the node does not have it. */
  readonly manifest: Uint8Array | undefined;
}

/** Asks one node which pieces of a file it has, and for the manifest, but for nothing of the file. */
export class PieceSurvey implements TransferHandler {
  readonly #source: OpenedSource;
  readonly #pieces: SourcePieces;
  readonly #have = deferred<undefined>();
  #manifest: IncomingManifest | undefined;
  #answered: Deferred<ManifestAnswer | undefined> | undefined;

  /** `source`: opened with `parts`, so that it tells what it has. */
  constructor(source: OpenedSource) {
    this.#source = source;
    this.#pieces = new SourcePieces(source.connection.peer, true);
    // Whoever runs it hears of the end, which may come before he waits for it.
    this.#have.promise.catch(() => undefined);
  }

  /**
   * Once. Rejects with the node's refusal, ERR_CONNECTION_LOST, ERR_MANIFEST for a wrong manifest, or the signal's reason; the node has been told by then that
   * nothing is wanted of it.
   *
   * @param manifestHash BLAKE3-256 of the manifest to ask for, in hex; `undefined` for none.
   */
  async run(manifestHash: string | undefined, signal: AbortSignal): Promise<SurveyedSource> {
    return briefTransfer(this.#source, this, signal, async () => {
      await abortable(this.#have.promise, signal);
      const manifest = manifestHash === undefined ? undefined : await this.#askManifest(manifestHash, signal);
      return { pieces: this.#pieces, manifest };
    });
  }

  receive(message: BinaryMessage): void {
    switch (message.type) {
      case 'HAVE':
        this.#pieces.take(message);
        this.#have.resolve(undefined);
        return;
      case 'MANIFEST':
        if (this.#manifest === undefined) throw unexpected(this.#peer, message);
        this.#answered?.resolve(this.#manifest.take(message));
        return;
      case 'REFUSE':
        // The node has forgotten the transfer: there is nobody to tell of the end.
        this.#connection.retire(message.transfer);
        this.end(refusal(this.#peer, message));
        return;
      default:
        throw unexpected(this.#peer, message);
    }
  }

  end(error: Error): void {
    this.#have.reject(error);
    this.#answered?.reject(error);
  }

  get #connection(): TransferConnection {
    return this.#source.connection;
  }

  get #peer(): NodeId {
    return this.#connection.peer;
  }

  async #askManifest(manifest: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { transfer } = this.#source.opening;
    this.#manifest = new IncomingManifest(this.#peer, manifest, this.#connection.maxRangeLength);
    for (let range = this.#manifest.next(); range !== undefined; range = this.#manifest.next()) {
      this.#answered = deferred<ManifestAnswer | undefined>();
      this.#answered.promise.catch(() => undefined);
      const request = { type: 'MANIFEST_REQUEST', transfer, ...range, manifest } as const;
      await abortable(this.#connection.send(request), signal);
      const answer = await abortable(this.#answered.promise, signal);
      if (answer !== undefined) return answer === 'none' ? undefined : answer.encoded;
    }
    return undefined;
  }
}
