import { KernelError, type Clock, type Logger, type NodeId, type Random, type Timer } from '../../kernel/index.ts';
import type { SendResult } from '../api.ts';
import { BackgroundTasks } from '../background.ts';
import type { FileIndex } from '../files/file-index.ts';
import { escapeForDisplay } from '../messages/display.ts';
import type { FileRecord } from '../records.ts';
import { CopyRequests } from './copy-requests.ts';
import { DueNames } from './due-names.ts';
import { PeerBackoff } from './peer-backoff.ts';
import { planPlacement, type PlacedHolder, type PlacedNode, type PlacementView } from './placement-plan.ts';
import { responsibleFor } from './responsible.ts';

/** What asks other nodes to keep a content, or to give it up; see Transfers. */
export interface CopyTransfers {
  keep(
    record: FileRecord,
    targets: readonly NodeId[],
    options: { readonly signal: AbortSignal },
  ): Promise<SendResult[]>;
  drop(
    record: FileRecord,
    targets: readonly NodeId[],
    options: { readonly signal: AbortSignal },
  ): Promise<SendResult[]>;
}

export interface ReplicatorOptions {
  readonly self: NodeId;
  /** How many live nodes are to hold each file; 0 asks nobody. */
  readonly wanted: number;
  readonly index: FileIndex;
  readonly transfers: CopyTransfers;
  /** Gives up a replica of this node. */
  readonly dropOwn: (record: FileRecord) => Promise<void>;
  /** Every other live node, best placed first. */
  readonly neighbours: () => Iterable<NodeId>;
  /** Where a node stands, this one too. */
  readonly zoneOf: (id: NodeId) => string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Names looked at in one turn, and nodes asked at once: a large folder is copied without keeping the machine or the lines busy. */
const NAMES_AT_ONCE = 256;
const ASKED_AT_ONCE = 4;

/** How long there must be more copies than wanted before one is given up: who was cut off for a moment comes back with its own. */
const SURPLUS_MS = 30_000;

/** Sees to it that the files this node is responsible for are held by as many live nodes as wanted, in different zones. */
export class Replicator {
  readonly #options: ReplicatorOptions;
  readonly #due: DueNames;
  readonly #backoff: PeerBackoff;
  readonly #requests: CopyRequests;
  readonly #tasks: BackgroundTasks;
  /** Names of which there are too few copies, and nobody to ask. */
  readonly #short = new Set<string>();
  /** Since when, by the clock, there are too many copies of a content. */
  readonly #surplusSince = new Map<string, number>();
  readonly #closing = new AbortController();
  #timer: Timer | undefined;

  constructor(options: ReplicatorOptions) {
    const { clock } = options;
    this.#options = options;
    this.#due = new DueNames(options);
    this.#backoff = new PeerBackoff(options);
    this.#requests = new CopyRequests(clock);
    this.#tasks = new BackgroundTasks(options.logger);
  }

  /** Looks at everything that is known of. */
  start(): void {
    for (const name of this.#options.index.names()) this.noticed(name);
  }

  /** Something new was said of a file of this name. */
  noticed(name: string): void {
    if (this.#options.wanted === 0 || this.#closing.signal.aborted) return;
    this.#due.add(name);
    this.#arm();
  }

  /** A node came or went: what it holds has to be counted anew, and what lacked somebody to ask may have one. */
  memberChanged(id: NodeId): void {
    this.#backoff.forget(id);
    this.#requests.forgetPeer(id);
    for (const { record } of this.#options.index.statementsOf(id)) this.noticed(record.name);
    for (const name of this.#short) this.noticed(name);
    this.#short.clear();
  }

  /** Ends what is being asked; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#closing.abort(new KernelError('ERR_CLOSED', 'the node is closing'));
    this.#timer?.cancel();
    await this.#tasks.settled();
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#closing.signal.aborted) return;
    const delayMs = this.#due.nextInMs();
    if (delayMs === undefined) return;
    this.#timer = this.#options.clock.setTimer(delayMs, () => {
      this.#timer = undefined;
      this.#turn();
      this.#arm();
    });
  }

  #later(name: string, delayMs: number): void {
    this.#due.addLater(name, delayMs);
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#arm();
  }

  #turn(): void {
    const names = this.#due.take(NAMES_AT_ONCE);
    if (names.length === 0) return;
    const neighbours = [...this.#options.neighbours()].map((id) => this.#placed(id));
    for (const name of names) this.#examine(name, neighbours);
  }

  #examine(name: string, neighbours: readonly PlacedNode[]): void {
    const { index, self } = this.#options;
    this.#short.delete(name);
    for (const { record } of index.entries(name)) {
      const holders = index.holdersOf(record);
      const isOurs = responsibleFor(record, holders) === self;
      if (record.manifest === '' || !isOurs || index.isOutdated(record)) this.#surplusSince.delete(keyOf(record));
      else this.#provide(record, this.#view(record, holders, neighbours));
    }
  }

  #view(record: FileRecord, holders: readonly NodeId[], neighbours: readonly PlacedNode[]): PlacementView {
    const { index, wanted } = this.#options;
    const key = keyOf(record);
    const keepers = new Set(index.keepersOf(record));
    const asked = this.#requests.asked(key);
    const dropped = this.#requests.dropped(key);
    const holding = [...new Set([...holders.filter((id) => !dropped.has(id)), ...asked])];
    const isCandidate = ({ id }: PlacedNode) =>
      !dropped.has(id) && !this.#backoff.isPaused(id) && !this.#backoff.isPaused(`${id} ${key}`);
    return {
      wanted,
      holders: holding.map((id): PlacedHolder => ({ ...this.#placed(id), droppable: keepers.has(id) })),
      candidates: neighbours.filter(isCandidate),
    };
  }

  #provide(record: FileRecord, view: PlacementView): void {
    const { ask, drop } = planPlacement(view);
    const { name } = record;
    const key = keyOf(record);
    for (const peer of ask) {
      if (this.#requests.underWay < ASKED_AT_ONCE) this.#ask(record, peer);
      else this.#due.add(name);
    }
    if (view.holders.length + ask.length < view.wanted) this.#lacking(name);
    if (drop === undefined) this.#surplusSince.delete(key);
    else this.#trim(record, drop);
  }

  /** Nobody is left to ask, but for those who refused a while ago. */
  #lacking(name: string): void {
    const { clock, logger } = this.#options;
    this.#short.add(name);
    const nextEnd = this.#backoff.nextEnd;
    if (nextEnd !== undefined) this.#due.addLater(name, nextEnd - clock.now());
    logger.debug('replica.nobody_left', { name: escapeForDisplay(name) });
  }

  #trim(record: FileRecord, peer: NodeId): void {
    const { clock } = this.#options;
    const key = keyOf(record);
    const since = this.#surplusSince.get(key) ?? clock.now();
    this.#surplusSince.set(key, since);
    const leftMs = since + SURPLUS_MS - clock.now();
    if (leftMs > 0) this.#due.addLater(record.name, leftMs);
    else if (!this.#requests.isBusy(key)) this.#drop(record, peer);
  }

  #ask(record: FileRecord, peer: NodeId): void {
    const { logger, transfers } = this.#options;
    const { checksum, name } = record;
    const key = keyOf(record);
    const about = { name: escapeForDisplay(name), checksum, peer };
    this.#requests.begin(key, peer, 'ask');
    const keep = async () => {
      const [answer] = await transfers.keep(record, [peer], { signal: this.#closing.signal });
      const result = answer?.result ?? 'ERR_ABORTED';
      const isKept = result === 'received' || result === 'present';
      logger.info('replica.asked', { ...about, result });
      this.#requests.end(key, peer, isKept);
      if (isKept) this.#backoff.forget(peer);
      else this.#backoff.refused(result === 'ERR_EXISTS' ? `${peer} ${key}` : peer);
    };
    this.#run(record, peer, keep());
  }

  #drop(record: FileRecord, peer: NodeId): void {
    const { dropOwn, logger, self, transfers } = this.#options;
    const { checksum, name } = record;
    const key = keyOf(record);
    this.#requests.begin(key, peer, 'drop');
    const drop = async () => {
      if (peer === self) await dropOwn(record);
      else {
        const [answer] = await transfers.drop(record, [peer], { signal: this.#closing.signal });
        logger.info('replica.given_up', { name: escapeForDisplay(name), checksum, peer, result: answer?.result });
        // Refused or not, it is not asked again at once.
        this.#surplusSince.delete(key);
      }
      this.#requests.end(key, peer, true);
    };
    this.#run(record, peer, drop());
  }

  #run({ name, ...record }: FileRecord, peer: NodeId, work: Promise<void>): void {
    const key = keyOf({ name, ...record });
    const ended = work.finally(() => {
      this.#requests.end(key, peer, false);
      if (!this.#closing.signal.aborted) this.#later(name, CopyRequests.GRACE_MS);
    });
    this.#tasks.run('replica.not_asked', ended, { name: escapeForDisplay(name), peer });
  }

  #placed(id: NodeId): PlacedNode {
    const { index, zoneOf } = this.#options;
    return { id, zone: zoneOf(id), keptBytes: index.holdingsOf(id).replicaBytes };
  }
}

function keyOf({ name, checksum }: Pick<FileRecord, 'name' | 'checksum'>): string {
  return `${checksum}/${name}`;
}
