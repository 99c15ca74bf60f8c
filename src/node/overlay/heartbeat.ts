import type { Clock, Logger, NodeId, Settings, Timer } from '../../kernel/index.ts';
import { heartbeatNodes } from '../messages/heartbeat-nodes.ts';
import type { NodeRecord } from '../records.ts';
import type { DirectConnection } from './direct-connection.ts';
import type { DirectConnections } from './direct-connections.ts';
import type { Membership } from './membership.ts';
import type { NeighbourTable } from './neighbour-table.ts';
import type { SelfRecord } from './self-record.ts';

export interface HeartbeatOptions {
  readonly self: SelfRecord;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: Settings;
  readonly connections: DirectConnections;
  readonly membership: Membership;
  readonly neighbours: NeighbourTable;
  readonly files: { holdingsOf(origin: NodeId): { readonly bytes: number } };
}

/** The documented heartbeat thread: says to every neighbour who the others are, measures them, and keeps their order up to date. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #timer: Timer | undefined;
  /** Bytes held by the node that holds the most: what the others' load is measured against. */
  #mostHeld = 0;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** Starts to beat. */
  start(): void {
    this.#timer = this.#options.clock.setTimer(this.#options.settings.heartbeatMs, () => {
      this.start();
      this.beat();
      this.#rescoreAll();
      this.#dropSurplus();
    });
  }

  close(): void {
    this.#timer?.cancel();
  }

  /** Sends a heartbeat on every direct connection now: also when they change, so that nobody's healing starts from an old list. */
  beat(): void {
    const records = heartbeatNodes([...this.#options.connections].map(({ record }) => record));
    for (const connection of this.#options.connections) connection.heartbeat(records);
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

  #rescoreAll(): void {
    const { membership, files } = this.#options;
    const alive = membership.alive();
    this.#mostHeld = alive.reduce((most, { id }) => Math.max(most, files.holdingsOf(id).bytes), 0);
    for (const record of alive) this.rescore(record);
  }

  /** Closes what healing opened beyond the limit, worst neighbour first, where both ends keep a neighbour in common. */
  #dropSurplus(): void {
    const { connections, logger } = this.#options;
    for (let { surplus } = connections; surplus > 0; surplus -= 1) {
      const worst = this.#worstToSpare();
      if (worst === undefined) return;
      connections.remove(worst);
      logger.info('direct.dropped', { peer: worst.peer });
      // It ends by itself: `close` never rejects.
      void worst.close();
    }
  }

  #worstToSpare(): DirectConnection | undefined {
    const { connections, neighbours } = this.#options;
    const worstFirst = neighbours.sort([...connections].map(({ peer }) => peer)).reverse();
    return worstFirst
      .map((peer) => connections.get(peer))
      .find((connection) => connection?.lastHeartbeat?.some(({ id }) => connections.get(id) !== undefined) === true);
  }
}
