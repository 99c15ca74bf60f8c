import { KernelError, type NodeId, type Random } from '../../kernel/index.ts';
import { knowledgeBatches, type KnowledgeSource } from '../messages/knowledge-batches.ts';
import type { SummMessage } from '../messages/message.ts';
import type { FileStatement, NodeRecord } from '../records.ts';
import type { DirectConnection } from './direct-connection.ts';
import { ItemKeys } from './item-keys.ts';
import type { Membership } from './membership.ts';
import { Reconciliation } from './reconciliation.ts';
import type { SelfRecord } from './self-record.ts';

/** The feature of a node that compares what it knows before it tells it. */
export const DIGESTS = 'digests';

/** Bytes of a seed. */
const SEED_LENGTH = 8;

export interface IntroductionsOptions {
  readonly self: SelfRecord;
  readonly membership: Membership;
  readonly files: { statementsOf(origin: NodeId): Iterable<FileStatement> };
  readonly random: Random;
}

/** A comparison under way, and the keys it goes by. */
interface Comparison {
  readonly reconciliation: Reconciliation;
  readonly keys: ItemKeys;
}

/**
 * Tells each new neighbour our network: all we know, or, where it can compare, only what it lacks. Until that is found out, news waits: a statement
 * of a node that the neighbour does not know yet would mean nothing to it.
 */
export class Introductions {
  readonly #options: IntroductionsOptions;
  /** Connections whose peers are to be told; without a comparison where the peer, which dialled, is to begin one. */
  readonly #open = new WeakMap<DirectConnection, Comparison | undefined>();

  constructor(options: IntroductionsOptions) {
    this.#options = options;
  }

  /** There is a new direct connection. */
  begin(connection: DirectConnection): void {
    if (!connection.features.includes(DIGESTS)) {
      connection.release(this.#knowledge(connection));
      return;
    }
    connection.hold();
    const comparison = connection.dialled ? this.#comparison(connection, this.#newSeed()) : undefined;
    this.#open.set(connection, comparison);
    if (comparison !== undefined) connection.sendFirst(comparison.reconciliation.begin());
  }

  /**
   * The peer took a turn in the comparison.
   *
   * @throws ERR_MESSAGE where there is none, or it is over.
   */
  compare(message: SummMessage, from: DirectConnection): void {
    if (!this.#open.has(from)) throw new KernelError('ERR_MESSAGE', 'SUMM: nothing is to be compared');
    const comparison = this.#open.get(from) ?? this.#comparison(from, message.seed);
    this.#open.set(from, comparison);
    const turn = comparison.reconciliation.receive(message);
    if (turn !== undefined) from.sendFirst(turn);
    if (comparison.reconciliation.isOver) this.#tell(from);
  }

  /** The peer has told its network: it has nothing more to compare. */
  told(from: DirectConnection): void {
    if (this.#open.has(from)) this.#tell(from);
  }

  #tell(connection: DirectConnection): void {
    const comparison = this.#open.get(connection);
    this.#open.delete(connection);
    connection.release(this.#knowledge(connection, comparison));
  }

  /** All we know, of what was compared only what the peer lacks; made as it is taken. */
  #knowledge(connection: DirectConnection, comparison?: Comparison) {
    const { self } = this.#options;
    const node = self.recordFor(connection.remote);
    const knowsAll = comparison?.reconciliation.lacksAnything === false;
    const own = { node, files: knowsAll ? [] : this.#told(self.id, comparison) };
    return knowledgeBatches({ type: 'TIMN', own, others: knowsAll ? [] : this.#others(connection.peer, comparison) });
  }

  *#others(peer: NodeId, comparison: Comparison | undefined): Iterable<KnowledgeSource> {
    for (const node of this.#options.membership.alive()) {
      if (node.id === peer) continue;
      const files = [...this.#told(node.id, comparison)];
      if (files.length > 0 || isToBeTold(node, comparison)) yield { node, files };
    }
  }

  *#told(origin: NodeId, comparison: Comparison | undefined): Iterable<FileStatement> {
    for (const statement of this.#options.files.statementsOf(origin)) {
      if (comparison === undefined || comparison.reconciliation.isLacked(comparison.keys.ofStatement(statement))) {
        yield statement;
      }
    }
  }

  #comparison({ peer }: DirectConnection, seed: string): Comparison {
    const keys = new ItemKeys(seed);
    return { keys, reconciliation: new Reconciliation({ seed, keys: this.#keysOf(peer, keys) }) };
  }

  /** The keys of all that both ends could know: what each tells of itself in any case is not among them. */
  #keysOf(peer: NodeId, keys: ItemKeys): number[] {
    const { self, membership, files } = this.#options;
    const found: number[] = [];
    const add = (origin: NodeId) => {
      for (const statement of files.statementsOf(origin)) found.push(keys.ofStatement(statement));
    };
    add(self.id);
    add(peer);
    for (const node of membership.alive()) {
      if (node.id === peer) continue;
      found.push(keys.ofNode(node));
      add(node.id);
    }
    return found;
  }

  #newSeed(): string {
    return Buffer.from(this.#options.random.bytes(SEED_LENGTH)).toString('hex');
  }
}

function isToBeTold(node: NodeRecord, comparison: Comparison | undefined): boolean {
  return comparison?.reconciliation.isLacked(comparison.keys.ofNode(node)) ?? true;
}
