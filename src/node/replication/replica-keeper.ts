import type { ErrorCode, NodeId } from '../../kernel/index.ts';
import type { FileIndex } from '../files/file-index.ts';
import type { FileStore } from '../files/file-store.ts';
import type { FileRecord } from '../records.ts';
import type { KeptForOthers } from '../transfer/transfer-options.ts';
import type { ReplicaChecks } from './replica-checks.ts';
import type { ReplicaStore } from './replica-store.ts';
import { responsibleFor } from './responsible.ts';

/** Files that come in at others' wish at once, to be kept; and while this node's user waits for files of his own. */
const MAX_INCOMING = 8;
const MAX_INCOMING_BESIDE = 2;

export interface ReplicaKeeperOptions {
  readonly self: NodeId;
  readonly index: FileIndex;
  readonly replicas: ReplicaStore;
  readonly checks: ReplicaChecks;
  /** Whether files are on their way into this node's folder. */
  readonly isFetching: () => boolean;
}

/** What this node keeps for others, and what it gives up, at their wish: answers KEEP and DROP. */
export class ReplicaKeeper implements KeptForOthers {
  readonly store: FileStore;
  readonly #self: NodeId;
  readonly #index: FileIndex;
  readonly #replicas: ReplicaStore;
  readonly #checks: ReplicaChecks;
  readonly #isFetching: () => boolean;

  constructor(options: ReplicaKeeperOptions) {
    this.#self = options.self;
    this.#checks = options.checks;
    this.#isFetching = options.isFetching;
    this.#index = options.index;
    this.#replicas = options.replicas;
    this.store = options.replicas;
  }

  refusal(record: FileRecord): ErrorCode | undefined {
    if (record.manifest === '' || record.checksum === '') return 'ERR_TRANSFER_REFUSED';
    if (this.#index.isOutdated(record)) return 'ERR_TRANSFER_REFUSED';
    if (this.#index.own.holding(record.name)?.record.user === record.user) return 'ERR_EXISTS';
    if (this.#replicas.incoming >= (this.#isFetching() ? MAX_INCOMING_BESIDE : MAX_INCOMING)) return 'ERR_LIMIT';
    return undefined;
  }

  doubted(name: string, checksum: string): void {
    this.#checks.doubt(name, checksum);
  }

  /** Something new was said of a file of this name: a replica of a version that a later one covers is given up. */
  noticed(name: string): void {
    this.#replicas.dropOutdated(name, (record) => this.#index.isOutdated(record));
  }

  async drop(asked: FileRecord, peer: NodeId): Promise<boolean> {
    // Of what the peer says only the name and the checksum count: a writer of its own choice would make it responsible.
    const record = this.#replicas.recordOf(asked);
    if (record === undefined) return true;
    const holders = this.#index.holdersOf(record);
    const others = holders.filter((id) => id !== this.#self);
    if (others.length === 0 || responsibleFor(record, holders) !== peer) return false;
    await this.#replicas.drop(record);
    return true;
  }
}
