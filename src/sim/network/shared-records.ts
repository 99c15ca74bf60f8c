import type { NodeId } from '../../kernel/index.ts';
import type { RecordPool } from '../../node/record-pool.ts';
import type { FileRecord, FileStatement, NodeRecord } from '../../node/records.ts';

/**
 * The records of all nodes of a simulated network, each once: else a thousand nodes would have a thousand copies of each. Of each node, and of what
 * it says of each file, the last one is kept.
 */
export class SharedRecords implements RecordPool {
  readonly #nodes = new Map<NodeId, NodeRecord>();
  /** origin -> user/name -> statement. */
  readonly #statements = new Map<NodeId, Map<string, FileStatement>>();

  node(record: NodeRecord): NodeRecord {
    const known = this.#nodes.get(record.id);
    if (known !== undefined && sameNode(known, record)) return known;
    const kept = { ...record, id: known?.id ?? flat(record.id), address: flat(record.address) };
    this.#nodes.set(kept.id, kept);
    return kept;
  }

  statement(statement: FileStatement): FileStatement {
    const { origin, record } = statement;
    const ofOrigin = this.#statements.get(origin) ?? new Map<string, FileStatement>();
    const key = `${record.user}/${record.name}`;
    const known = ofOrigin.get(key);
    if (known !== undefined && sameStatement(known, statement)) return known;
    const kept = { ...statement, origin: this.#id(origin), record: this.#kept(record) };
    this.#statements.set(kept.origin, ofOrigin.set(flat(key), kept));
    return kept;
  }

  #kept(record: FileRecord): FileRecord {
    return {
      ...record,
      name: flat(record.name),
      checksum: flat(record.checksum),
      user: flat(record.user),
      writer: this.#id(record.writer),
      version: new Map([...record.version].map(([id, counter]) => [this.#id(id), counter])),
      manifest: flat(record.manifest),
    };
  }

  #id(id: NodeId): NodeId {
    return this.#nodes.get(id)?.id ?? flat(id);
  }
}

/** A string of its own: one that was cut out of a message keeps the whole message in memory. */
function flat(text: string): string {
  return Buffer.from(text).toString();
}

function sameNode(a: NodeRecord, b: NodeRecord): boolean {
  return (
    a.incarnation === b.incarnation &&
    a.address === b.address &&
    a.place?.zone === b.place?.zone &&
    a.place?.coordinates?.latitude === b.place?.coordinates?.latitude &&
    a.place?.coordinates?.longitude === b.place?.coordinates?.longitude
  );
}

/** Of one origin, on one user's file of one name. */
function sameStatement(a: FileStatement, b: FileStatement): boolean {
  return (
    a.incarnation === b.incarnation &&
    a.sequence === b.sequence &&
    a.held === b.held &&
    a.part === b.part &&
    a.replica === b.replica &&
    sameRecord(a.record, b.record)
  );
}

function sameRecord(a: FileRecord, b: FileRecord): boolean {
  return (
    a.checksum === b.checksum &&
    a.manifest === b.manifest &&
    a.size === b.size &&
    a.modifiedMs === b.modifiedMs &&
    a.writer === b.writer &&
    a.version.size === b.version.size &&
    [...a.version].every(([id, counter]) => b.version.get(id) === counter)
  );
}
