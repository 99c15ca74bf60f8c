import type { Clock, Logger, NodeId, Settings, Timer } from '../../kernel/index.ts';
import { BackgroundTasks } from '../background.ts';
import { HeartbeatFrames } from '../messages/heartbeat-frames.ts';
import { heartbeatNodes } from '../messages/heartbeat-nodes.ts';
import type { NodeRecord } from '../records.ts';
import type { DirectConnection } from './direct-connection.ts';
import type { DirectConnections } from './direct-connections.ts';
import type { Membership } from './membership.ts';
import type { NeighbourTable } from './neighbour-table.ts';
import type { OwnPace } from './own-pace.ts';
import type { SelfRecord } from './self-record.ts';

export interface HeartbeatOptions {
  readonly self: SelfRecord;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: Settings;
  readonly connections: DirectConnections;
  readonly membership: Membership;
  readonly neighbours: NeighbourTable;
  readonly pace: OwnPace;
  /** Whether a neighbour gave a sign of life of late: only those are named to others, who take it as our word that they live. */
  readonly isHeard: (connection: DirectConnection) => boolean;
  /** Called after each heartbeat that the clock caused. */
  readonly onBeat: () => void;
  readonly files: { holdingsOf(origin: NodeId): { readonly bytes: number }; forget(origin: NodeId): void };
}

/** Members beside the neighbours that are weighed anew at one heartbeat: all where there are no more, else in turn, so that a beat costs the same in any network. */
const WEIGHED = 64;

/** The documented heartbeat thread: says to every neighbour who the others are, measures them, and keeps their order up to date. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #closing: BackgroundTasks;
  #timer: Timer | undefined;
  /** The neighbours that the last heartbeat named, and its frames. */
  #told: { readonly records: readonly NodeRecord[]; readonly frames: HeartbeatFrames } | undefined;
  /** Bytes held by the node that holds the most: what the others' load is measured against. */
  #mostHeld = 0;
  /** The same, of those that were weighed in this round so far, and whose turn it is next. */
  #mostOfRound = 0;
  #next = 0;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#closing = new BackgroundTasks(options.logger);
  }

  /** Starts to beat. */
  start(): void {
    this.#options.pace.beat();
    this.#timer = this.#options.clock.setTimer(this.#options.settings.heartbeatMs, () => {
      this.start();
      this.#forget();
      this.beat();
      this.#rescoreSome();
      this.#dropSurplus();
      this.#options.onBeat();
    });
  }

  /** Ends it; resolves when what it closed is closed. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#closing.settled();
  }

  /** Sends a heartbeat on every direct connection now: also when they change, so that nobody's healing starts from an old list. */
  beat(): void {
    const { connections, isHeard } = this.#options;
    const frames = this.#frames([...connections].filter(isHeard).map(({ record }) => record));
    for (const connection of connections) connection.heartbeat(frames);
  }

  /** Weighs a neighbour anew. */
  rescore(record: NodeRecord): void {
    const { connections, neighbours, files, self } = this.#options;
    neighbours.update(record.id, {
      rttMs: connections.get(record.id)?.rtt.smoothedMs,
      own: self.place,
      theirs: record.place,
      load: this.#mostHeld > 0 ? files.holdingsOf(record.id).bytes / this.#mostHeld : 0,
    });
  }

  /** Those of the last heartbeat, where it named the same neighbours. */
  #frames(records: readonly NodeRecord[]): HeartbeatFrames {
    const told = this.#told;
    const isSame = told?.records.length === records.length && records.every((each, at) => each === told.records[at]);
    if (told !== undefined && isSame) return told.frames;
    const frames = new HeartbeatFrames(heartbeatNodes(records));
    this.#told = { records, frames };
    return frames;
  }

  /** What changes between two beats is the round-trip time of neighbours; the load of all others may be known a little later. */
  #rescoreSome(): void {
    const { membership, files, connections } = this.#options;
    const alive = membership.alive();
    const turn = alive.slice(this.#next, this.#next + WEIGHED);
    this.#mostOfRound = turn.reduce((most, { id }) => Math.max(most, files.holdingsOf(id).bytes), this.#mostOfRound);
    this.#next += WEIGHED;
    const isRoundOver = this.#next >= alive.length;
    this.#mostHeld = isRoundOver ? this.#mostOfRound : Math.max(this.#mostHeld, this.#mostOfRound);
    if (isRoundOver) [this.#next, this.#mostOfRound] = [0, 0];
    for (const record of turn) this.rescore(record);
    if (turn.length === alive.length) return;
    for (const { peer } of connections) {
      const member = membership.get(peer);
      if (member?.alive === true) this.rescore(member.record);
    }
  }

  /** Nodes that have been gone for long go for good, and with them what they said of files. */
  #forget(): void {
    const { membership, files, logger } = this.#options;
    for (const peer of membership.forgetGone()) {
      files.forget(peer);
      logger.debug('peer.forgotten', { peer });
    }
  }

  /** Closes what healing opened beyond the limit, worst neighbour first, where both ends keep a neighbour in common. */
  #dropSurplus(): void {
    const { connections, logger } = this.#options;
    for (let { surplus } = connections; surplus > 0; surplus -= 1) {
      const worst = this.#worstToSpare();
      if (worst === undefined) return;
      connections.remove(worst);
      logger.info('direct.dropped', { peer: worst.peer });
      this.#closing.run('direct.close_failed', worst.close());
    }
  }

  #worstToSpare(): DirectConnection | undefined {
    const { connections, neighbours } = this.#options;
    const worstFirst = neighbours.sort([...connections].map(({ peer }) => peer)).reverse();
    return worstFirst
      .map((peer) => connections.get(peer))
      .filter((connection) => connection !== undefined)
      .find((connection) => this.#canSpare(connection));
  }

  /**
   * Whether we and a neighbour have one in common, and of the triangle our connection is the longest. Where every node drops only such
   * ones, by a measure that all take alike, what joins them stays, however many drop at once: the cycle property of minimum spanning trees.
   */
  #canSpare({ peer, lastHeartbeat = [] }: DirectConnection): boolean {
    const { connections, self } = this.#options;
    return lastHeartbeat.some(
      ({ id }) =>
        connections.get(id) !== undefined &&
        isLonger([self.id, peer], [self.id, id]) &&
        isLonger([self.id, peer], [peer, id]),
    );
  }
}

type Pair = readonly [NodeId, NodeId];

/** Compares pairs of nodes by the distance of their ids in the xor metric (Maymounkov and Mazieres 2002), which is as good as random and never equal. */
function isLonger(pair: Pair, other: Pair): boolean {
  return distance(pair) > distance(other);
}

function distance([a, b]: Pair): bigint {
  return BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
}
