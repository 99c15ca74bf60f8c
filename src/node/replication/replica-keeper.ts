import type { ErrorCode, NodeId } from '../../kernel/index.ts';
import type { FileIndex } from '../files/file-index.ts';
import type { FileStore } from '../files/file-store.ts';
import type { FileRecord } from '../records.ts';
import type { KeptForOthers } from '../transfer/transfer-options.ts';
import type { ReplicaStore } from './replica-store.ts';
import { responsibleFor } from './responsible.ts';

/** Files that come in at others' wish at once, to be kept. */
const MAX_INCOMING = 8;

/** What this node keeps for others, and what it gives up, at their wish: answers KEEP and DROP. */
export class ReplicaKeeper implements KeptForOthers {
  readonly store: FileStore;
  readonly #self: NodeId;
  readonly #index: FileIndex;
  readonly #replicas: ReplicaStore;

  constructor(options: { readonly self: NodeId; readonly index: FileIndex; readonly replicas: ReplicaStore }) {
    this.#self = options.self;
    this.#index = options.index;
    this.#replicas = options.replicas;
    this.store = options.replicas;
  }

  refusal(record: FileRecord): ErrorCode | undefined {
    if (record.manifest === '' || record.checksum === '') return 'ERR_TRANSFER_REFUSED';
    if (this.#index.isOutdated(record)) return 'ERR_TRANSFER_REFUSED';
    if (this.#index.own.holding(record.name)?.record.user === record.user) return 'ERR_EXISTS';
    if (this.#replicas.incoming >= MAX_INCOMING) return 'ERR_LIMIT';
    return undefined;
  }

  /** Something new was said of a file of this name: a replica of a version that a later one covers is given up. */
  noticed(name: string): void {
    this.#replicas.dropOutdated(name, (record) => this.#index.isOutdated(record));
  }

  async drop(record: FileRecord, peer: NodeId): Promise<boolean> {
    if (!this.#replicas.holds(record.name, record.checksum)) return true;
    const holders = this.#index.holdersOf(record);
    const others = holders.filter((id) => id !== this.#self);
    if (others.length === 0 || responsibleFor(record, holders) !== peer) return false;
    await this.#replicas.drop(record);
    return true;
  }
}
