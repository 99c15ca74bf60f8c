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
  readonly index: Pick<
    FileIndex,
    'names' | 'entries' | 'holdersOf' | 'keepersOf' | 'fetchersOf' | 'statementsOf' | 'holdingsOf' | 'isOutdated'
  >;
  readonly transfers: CopyTransfers;
  /** Whether files go out to who asked for them. */
  readonly isServing: () => boolean;
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

/** Names looked at in one turn: a large folder is looked through without keeping the machine busy. */
const NAMES_AT_ONCE = 256;

/** Nodes asked at once, and while files go out to whoever asked for them: those come first. */
const ASKED_AT_ONCE = 4;
const ASKED_WHILE_SERVING = 1;

/** How long there must be more copies than wanted before one is given up: who was cut off for a moment comes back with its own. */
const SURPLUS_MS = 30_000;

/** Sees to it that the files this node is responsible for are held by as many live nodes as wanted, in different zones. */
export class Replicator {
  readonly #options: ReplicatorOptions;
  readonly #due: DueNames;
  readonly #backoff: PeerBackoff;
  readonly #requests: CopyRequests;
  readonly #tasks: BackgroundTasks;
  /** Names of which there are too few copies, and somebody can be asked as soon as another has answered. */
  readonly #waiting = new Set<string>();
  /** Names of which there are too few copies, and nobody to ask. */
  readonly #short = new Set<string>();
  /** Since when, by the clock, there are too many copies of a content. */
  readonly #surplusSince = new Map<string, number>();
  readonly #closing = new AbortController();
  #timer: Timer | undefined;
  /** When the timer is due, by the clock. */
  #turnAt = Infinity;

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

  /**
   * A node came or went: what it holds has to be counted anew, and what lacked somebody to ask may have one. In the next turn, since nothing else is
   * going to be said of most of it.
   */
  memberChanged(id: NodeId): void {
    if (this.#options.wanted === 0) return;
    this.#backoff.forget(id);
    this.#requests.forgetPeer(id);
    for (const { record } of this.#options.index.statementsOf(id)) this.#due.addLater(record.name, 0);
    for (const name of this.#short) this.#due.addLater(name, 0);
    this.#short.clear();
    this.#arm();
  }

  /** Ends what is being asked; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#closing.abort(new KernelError('ERR_CLOSED', 'the node is closing'));
    this.#timer?.cancel();
    await this.#tasks.settled();
  }

  /** A turn that is set is put forward where one is due sooner, and never back: else whoever goes on asking would have none. */
  #arm(): void {
    const { clock } = this.#options;
    if (this.#closing.signal.aborted || this.#turnAt <= clock.now() + DueNames.LONGEST_TURN_MS) return;
    const delayMs = this.#due.nextInMs();
    if (delayMs === undefined || this.#turnAt <= clock.now() + delayMs) return;
    this.#timer?.cancel();
    this.#turnAt = clock.now() + delayMs;
    this.#timer = clock.setTimer(delayMs, () => {
      this.#turnAt = Infinity;
      this.#turn();
      this.#arm();
    });
  }

  #later(name: string, delayMs: number): void {
    this.#due.addLater(name, delayMs);
    this.#arm();
  }

  #turn(): void {
    const names = this.#due.take(NAMES_AT_ONCE);
    if (names.length === 0) return;
    const neighbours = this.#neighbours();
    for (const name of names) this.#examine(name, neighbours);
    this.#goOn();
  }

  /** Asks for those that waited till somebody answered. */
  #goOn(): void {
    if (this.#waiting.size === 0 || !this.#mayAsk() || this.#closing.signal.aborted) return;
    const neighbours = this.#neighbours();
    let lookedAt = 0;
    for (const name of this.#waiting) {
      if (!this.#mayAsk()) return;
      if (lookedAt++ < NAMES_AT_ONCE) this.#examine(name, neighbours);
      // There is nobody to ask for so many of them: the rest is looked at turn by turn.
      else this.#due.add(name);
    }
    if (lookedAt > NAMES_AT_ONCE) this.#waiting.clear();
    this.#arm();
  }

  #mayAsk(): boolean {
    return this.#requests.underWay < (this.#options.isServing() ? ASKED_WHILE_SERVING : ASKED_AT_ONCE);
  }

  #examine(name: string, neighbours: readonly PlacedNode[]): void {
    const { index, self } = this.#options;
    this.#short.delete(name);
    this.#waiting.delete(name);
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
    // Who fetches it will hold it, and says so.
    const leftAlone = new Set([...dropped, ...index.fetchersOf(record)]);
    const isCandidate = ({ id }: PlacedNode) =>
      !leftAlone.has(id) && !this.#backoff.isPaused(id) && !this.#backoff.isPaused(`${id} ${key}`);
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
      if (this.#mayAsk()) this.#ask(record, peer);
      else this.#waiting.add(name);
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
    else if (this.#requests.isBusy(key)) return;
    else if (this.#mayAsk()) this.#drop(record, peer);
    else this.#waiting.add(record.name);
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
      else this.#refused(record, peer, result);
    };
    this.#run(record, peer, keep());
  }

  /** Another is asked in the next turn. */
  #refused(record: FileRecord, peer: NodeId, result: SendResult['result']): void {
    if (result === 'ERR_LIMIT') this.#backoff.full(peer);
    else this.#backoff.refused(result === 'ERR_EXISTS' ? `${peer} ${keyOf(record)}` : peer);
    this.#due.addLater(record.name, 0);
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
      if (this.#closing.signal.aborted) return;
      this.#later(name, CopyRequests.GRACE_MS);
      this.#goOn();
    });
    this.#tasks.run('replica.not_asked', ended, { name: escapeForDisplay(name), peer });
  }

  #neighbours(): PlacedNode[] {
    return [...this.#options.neighbours()].map((id) => this.#placed(id));
  }

  #placed(id: NodeId): PlacedNode {
    const { index, zoneOf } = this.#options;
    return { id, zone: zoneOf(id), keptBytes: index.holdingsOf(id).replicaBytes };
  }
}

function keyOf({ name, checksum }: Pick<FileRecord, 'name' | 'checksum'>): string {
  return `${checksum}/${name}`;
}
