import type { FileStatement, NodeRecord } from '../records.ts';
import { statementField } from './file-record.ts';
import { MAX_FILES, MAX_NODES, MAX_TEXT_LENGTH } from './limits.ts';
import type { JoinMessage, TimnMessage } from './message.ts';
import { nodeField } from './node-record.ts';

/** A node and what it says of files, as many as there are. */
export interface KnowledgeSource {
  readonly node: NodeRecord;
  readonly files: Iterable<FileStatement>;
}

/** All that is to be told. */
export interface KnowledgeSources {
  readonly type: 'TIMN' | 'JOIN';
  readonly own: KnowledgeSource;
  readonly others: Iterable<KnowledgeSource>;
}

/** Bytes of a separator and a count below 10,000, which no limit on a list exceeds. */
const COUNT_LENGTH = 5;

/**
 * What there is to tell, in as few messages as its order allows; at least one. Each is complete in itself and within the limits: it begins with our
 * own record, and a node's record is repeated before its next files. Lazy: the sources are read as the messages are taken.
 *
 * @throws ERR_MESSAGE while iterating, where a record could not be sent at all.
 */
export function* knowledgeBatches({ type, own, others }: KnowledgeSources): Generator<TimnMessage | JoinMessage> {
  let batch = new Batch(own.node);
  for (const { node, file } of entries(own, others)) {
    if (!batch.add(node, file)) {
      yield batch.message(type);
      batch = new Batch(own.node);
      batch.add(node, file);
    }
  }
  yield batch.message(type);
}

interface Entry {
  readonly node: NodeRecord;
  /** A file of the node; without one, only the node is told of. */
  readonly file?: FileStatement;
}

function* entries(own: KnowledgeSource, others: Iterable<KnowledgeSource>): Generator<Entry> {
  for (const file of own.files) yield { node: own.node, file };
  for (const { node, files } of others) {
    yield { node };
    for (const file of files) yield { node, file };
  }
}

/** A node with those of its files that go into one message. */
interface Listed {
  readonly node: NodeRecord;
  readonly files: FileStatement[];
}

/** One message being filled. */
class Batch {
  readonly #own: Listed;
  readonly #others: Listed[] = [];
  #length: number;

  constructor(own: NodeRecord) {
    this.#own = { node: own, files: [] };
    this.#length = 'TIMN'.length + nodeLength(own) + COUNT_LENGTH;
  }

  /** Whether the entry still had room; an empty batch has room for any one, which the limits of its fields see to. */
  add(node: NodeRecord, file: FileStatement | undefined): boolean {
    const known = this.#listed(node);
    if (known === undefined && this.#others.length === MAX_NODES) return false;
    if (file !== undefined && known?.files.length === MAX_FILES) return false;
    const length = (known === undefined ? nodeLength(node) : 0) + (file === undefined ? 0 : fileLength(file));
    if (this.#length + length > MAX_TEXT_LENGTH) return false;
    this.#length += length;
    const listed: Listed = known ?? { node, files: [] };
    if (known === undefined) this.#others.push(listed);
    if (file !== undefined) listed.files.push(file);
    return true;
  }

  message(type: 'TIMN' | 'JOIN'): TimnMessage | JoinMessage {
    return { type, own: this.#own, others: this.#others };
  }

  /** Where files of the node go; entries of one node come one after the other. */
  #listed(node: NodeRecord): Listed | undefined {
    if (node === this.#own.node) return this.#own;
    const last = this.#others.at(-1);
    return last?.node === node ? last : undefined;
  }
}

/** Bytes of a node's field and the count of its files, each with the separator before it. */
function nodeLength(node: NodeRecord): number {
  return 1 + Buffer.byteLength(nodeField.write(node, 'node')) + COUNT_LENGTH;
}

function fileLength(file: FileStatement): number {
  return 1 + Buffer.byteLength(statementField.write(file, 'file'));
}
