import { KernelError, errorCode, toError, type NodeId } from '../../kernel/index.ts';
import type { Backoff } from '../../kit/backoff.ts';
import { sleep } from '../../kit/sleep.ts';
import { escapeForDisplay } from '../messages/display.ts';
import type { FileRecord } from '../records.ts';
import { failureFields } from './failure-fields.ts';
import { MAX_SOURCES } from './limits.ts';
import { PieceSource } from './piece-source.ts';
import type { PieceTaker } from './piece-taker.ts';
import type { OpenedSource, Source, SourceOpener } from './source-opener.ts';
import type { SharedTransferOptions } from './transfer-options.ts';
import { hasNoRoom, roomBackoff } from './want-of-room.ts';

/** A source that can be asked no more for a file, and why. */
export interface FailedSource {
  readonly source: Source;
  readonly error: Error;
}

export interface SourceRosterOptions {
  readonly node: Pick<SharedTransferOptions, 'clock' | 'logger' | 'random' | 'rates' | 'settings'>;
  readonly opener: SourceOpener;
  readonly record: FileRecord;
  /** Best placed first. */
  readonly sources: readonly Source[];
  /** Who was asked before, and is not asked again. */
  readonly failed?: FailedSource | undefined;
  readonly taker: PieceTaker;
  /** How many sources to use at once now; those that are late do not count. */
  readonly wanted: () => number;
  /** Bytes of the file that are here: for the log. */
  readonly received: () => number;
  /** Called when there is nobody left to ask, with each source and why. */
  readonly onExhausted: (error: Error) => void;
}

/** Who is asked for a file: some at once, and others in the place of those that fail. */
export class SourceRoster {
  readonly #options: SourceRosterOptions;
  readonly #waiting: Source[];
  readonly #known = new Set<string>();
  readonly #active = new Set<PieceSource>();
  /** Left out for a wrong piece, though right ones came from them too: asked again where nobody else is left. */
  readonly #suspects: Source[] = [];
  /** Left alone for a moment, since they have no room. */
  readonly #resting = new Set<Source>();
  /** How long, each time longer. */
  readonly #pauses = new Map<Source, Backoff>();
  readonly #failures: string[] = [];
  readonly #ending = new AbortController();
  readonly #uses = new Set<Promise<void>>();
  #connecting = 0;

  constructor(options: SourceRosterOptions) {
    this.#options = options;
    this.#waiting = [...options.sources];
    for (const source of options.sources) this.#known.add(keyOf(source));
    if (options.failed === undefined) return;
    this.#known.add(keyOf(options.failed.source));
    this.#failOver(options.failed.source, options.failed.error);
  }

  /** The sources that are being asked. */
  get active(): ReadonlySet<PieceSource> {
    return this.#active;
  }

  /** Whether somebody may still be asked who is not yet. */
  get hasMore(): boolean {
    return this.#connecting + this.#waiting.length + this.#resting.size > 0;
  }

  /** How many sources, asked or not yet, have a piece. */
  availability(piece: number): number {
    let count = this.#connecting;
    for (const { isPartial } of this.#waiting) if (isPartial !== true) count++;
    for (const { isPartial } of this.#resting) if (isPartial !== true) count++;
    for (const source of this.#active) if (source.has(piece)) count++;
    return count;
  }

  /** Takes in sources that were not known before. */
  add(sources: readonly Source[]): void {
    for (const source of sources) {
      if (this.#known.has(keyOf(source))) continue;
      this.#known.add(keyOf(source));
      this.#waiting.push(source);
    }
    this.fill();
  }

  /** Asks as many sources as are wanted. */
  fill(): void {
    const { wanted } = this.#options;
    while (
      !this.#ending.signal.aborted &&
      this.#busy < wanted() &&
      this.#active.size + this.#connecting < MAX_SOURCES
    ) {
      const next = this.#waiting.shift() ?? (this.#isDeserted ? this.#suspects.shift() : undefined);
      if (next === undefined) break;
      const use = this.#use(next).finally(() => {
        this.#uses.delete(use);
        this.fill();
      });
      this.#uses.add(use);
    }
    if (this.#isDeserted) this.#options.onExhausted(this.#exhausted());
  }

  /** Tells every source of the end, in the way given, and resolves when none is asked any more. */
  async end(reason: Error, tell: (source: PieceSource) => void): Promise<void> {
    this.#ending.abort(reason);
    for (const source of this.#active) tell(source);
    await Promise.allSettled(this.#uses);
  }

  get #busy(): number {
    let busy = this.#connecting;
    for (const source of this.#active) if (!source.isLate) busy++;
    return busy;
  }

  get #isDeserted(): boolean {
    return this.#waiting.length === 0 && this.#uses.size === 0 && !this.#ending.signal.aborted;
  }

  async #use(source: Source): Promise<void> {
    try {
      await this.#ask(source, false);
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      // Who takes an offer back has nothing to be asked for again.
      if (hasNoRoom(error) && source.offer === undefined) await this.#rest(source);
      else this.#failOver(source, toError(error));
    }
  }

  /** Leaves a source alone that has no room: others are asked meanwhile, and then it again, for as long as it is there to say so. */
  async #rest(source: Source): Promise<void> {
    const { clock, logger, random } = this.#options.node;
    const pause = this.#pauses.get(source) ?? roomBackoff(random);
    this.#pauses.set(source, pause);
    const waitMs = Math.round(pause.nextMs());
    logger.info('transfer.source_full', {
      name: escapeForDisplay(this.#options.record.name),
      peer: source.holder,
      waitMs,
    });
    this.#resting.add(source);
    this.fill();
    if (await sleep(clock, waitMs, this.#ending.signal)) this.#waiting.push(source);
    this.#resting.delete(source);
  }

  /** Once more where the source had left the connection that was kept. */
  async #ask(source: Source, fresh: boolean): Promise<void> {
    const { asked, connection, reused } = await this.#connect(source, fresh);
    try {
      await asked.run();
    } catch (error) {
      const isStale = reused && !fresh && connection.ended && !asked.receivedAny && !this.#ending.signal.aborted;
      if (!isStale) {
        if (errorCode(error) === 'ERR_CHECKSUM' && asked.delivered > 0) this.#suspects.push(source);
        throw error;
      }
    } finally {
      this.#active.delete(asked);
    }
    if (!this.#ending.signal.aborted) await this.#ask(source, true);
  }

  /** From beginning to end the source counts as one that is being connected to, or as an active one. */
  async #connect(source: Source, fresh: boolean): Promise<OpenedSource & { readonly asked: PieceSource }> {
    const { node, opener, record, received } = this.#options;
    const { signal } = this.#ending;
    this.#connecting++;
    try {
      const opened = await opener.open(source, { signal, fresh });
      signal.throwIfAborted();
      const { connection, opening } = opened;
      node.logger.info('transfer.download_started', {
        transfer: opening.transfer,
        peer: connection.peer,
        name: escapeForDisplay(record.name),
        tunnel: connection.isTunnel,
        partial: opening.parts,
        bytes: record.size - received(),
      });
      const asked = this.#createSource(opened);
      this.#active.add(asked);
      return { ...opened, asked };
    } finally {
      this.#connecting--;
    }
  }

  #createSource({ connection, opening }: OpenedSource): PieceSource {
    const { node, record, taker } = this.#options;
    const { transferStallMs: stallMs, transferWindow: window } = node.settings;
    const { clock, rates } = node;
    const limits = { rate: rates.download, window, stallMs };
    return new PieceSource({ connection, opening, manifestHash: record.manifest, taker, clock, ...limits });
  }

  #failOver({ holder }: Source, error: Error): void {
    const { node, received, record } = this.#options;
    this.#failures.push(`${holder}: ${errorCode(error) ?? 'ERR_CONNECTION_LOST'}, ${error.message}`);
    node.logger.warn('transfer.failover', {
      name: escapeForDisplay(record.name),
      peer: holder,
      ...failureFields(error),
      received: received(),
      next: this.#waiting[0]?.holder,
    });
  }

  #exhausted(): KernelError {
    const tried = this.#failures.join('; ') || 'nobody holds it';
    const name = escapeForDisplay(this.#options.record.name);
    return new KernelError('ERR_NO_SOURCE', `${name} could not be fetched: ${tried}`);
  }
}

/** A node that had a part is another source when it has all. */
function keyOf({
  holder,
  isPartial = false,
}: {
  readonly holder: NodeId;
  readonly isPartial?: boolean | undefined;
}): string {
  return `${holder} ${isPartial}`;
}
