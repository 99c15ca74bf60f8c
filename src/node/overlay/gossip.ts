import { KernelError, type Logger, type NodeId } from '../../kernel/index.ts';
import { knowledgeBatches } from '../messages/knowledge-batches.ts';
import type { JoinMessage, LeftMessage, NodeKnowledge, TextMessage, TimnMessage } from '../messages/message.ts';
import type { FileStatement, NodeRecord } from '../records.ts';
import type { DirectConnection, GossipMessage } from './direct-connection.ts';
import { MAX_INCARNATION_LEAP, type Membership } from './membership.ts';
import { fillAddress, type SelfRecord } from './self-record.ts';

/** What files the overlay spreads news of. */
export interface GossipFiles {
  /** Takes in a statement; whether it was news. What others say of this node itself is never news, and is set right where it is wrong. */
  apply(statement: FileStatement): boolean;
  /** What a node, this one included, is known to say. */
  statementsOf(origin: NodeId): Iterable<FileStatement>;
}

export interface GossipOptions {
  readonly self: SelfRecord;
  readonly membership: Membership;
  readonly files: GossipFiles;
  readonly logger: Logger;
  readonly connections: () => Iterable<DirectConnection>;
  readonly onJoined: (record: NodeRecord) => void;
  readonly onLeft: (record: NodeRecord) => void;
}

/** Spreads what is news, once, and takes in what others say: TIMN, JOIN, FILE, LEFT and BYEF. */
export class Gossip {
  readonly #options: GossipOptions;

  constructor(options: GossipOptions) {
    this.#options = options;
  }

  /** All we know, for a new direct connection. */
  introduce(connection: DirectConnection): void {
    const own = {
      node: this.#options.self.recordFor(connection.remote),
      files: [...this.#options.files.statementsOf(this.#options.self.id)],
    };
    connection.send(knowledgeBatches({ type: 'TIMN', own, others: this.#everybodyElse(connection.peer) }));
  }

  /** Something of our own files is news. */
  announce(statement: FileStatement): void {
    this.#broadcast([{ type: 'FILE', statement }]);
  }

  /** A node is gone, as we found out ourselves. */
  declareLeft(record: NodeRecord): void {
    const gone = this.#options.membership.leave(record.id, record.incarnation);
    if (gone === undefined) return;
    this.#options.onLeft(gone.record);
    this.#broadcast([{ type: 'LEFT', node: gone.record }]);
  }

  receive(message: GossipMessage, from: DirectConnection): void {
    switch (message.type) {
      case 'TIMN':
      case 'JOIN':
        this.#receiveKnowledge(message, from);
        return;
      case 'FILE':
        this.#receiveStatement(message.statement, from);
        return;
      case 'LEFT':
        this.#receiveLeft(message, from);
        return;
      case 'BYEF':
        requirePeer(message.node, from);
        this.declareLeft(message.node);
    }
  }

  #receiveKnowledge(message: TimnMessage | JoinMessage, from: DirectConnection): void {
    requirePeer(message.own.node, from);
    from.record = fillAddress(message.own.node, from.remote);
    const all = [{ node: from.record, files: message.own.files }, ...message.others];
    const news = all.map((knowledge) => this.#takeIn(knowledge, from)).filter((knowledge) => knowledge !== undefined);
    this.#options.membership.reached(from.record);
    if (news.length === 0) return;
    for (const connection of this.#options.connections()) {
      if (connection === from) continue;
      const own = { node: this.#options.self.recordFor(connection.remote), files: [] };
      connection.send(knowledgeBatches({ type: 'JOIN', own, others: news }));
    }
  }

  /** What of a node's knowledge was news, if anything. */
  #takeIn({ node, files }: NodeKnowledge, from: DirectConnection): NodeKnowledge | undefined {
    const { membership, self } = this.#options;
    if (node.id === self.id) {
      if (node.incarnation > self.incarnation) this.#refute(node.incarnation);
      for (const statement of files) this.#receiveStatement(statement, from);
      return undefined;
    }
    const change = membership.learn(node);
    const member = membership.get(node.id);
    if (member?.alive === false) from.send([{ type: 'LEFT', node: member.record }]);
    if (change === 'joined') this.#options.onJoined(node);
    const fresh = files.filter((statement) => statement.origin === node.id && this.#isNews(statement));
    if (change === undefined && fresh.length === 0) return undefined;
    return { node: member?.alive === true ? member.record : node, files: fresh };
  }

  #receiveStatement(statement: FileStatement, from: DirectConnection): void {
    const { self, files } = this.#options;
    // Said of us, and later than anything we said: from before we lost our index. What we say to it has to be later still.
    if (statement.origin === self.id && self.isBefore(statement)) this.#refute(statement.incarnation);
    if (statement.origin === self.id) files.apply(statement);
    else if (this.#isNews(statement)) this.#broadcast([{ type: 'FILE', statement }], from);
  }

  #isNews(statement: FileStatement): boolean {
    const { files, membership, logger } = this.#options;
    if (membership.mayHaveSaid(statement.origin, statement.incarnation)) return files.apply(statement);
    logger.debug('statement.ignored', { origin: statement.origin, incarnation: statement.incarnation });
    return false;
  }

  #receiveLeft({ node }: LeftMessage, from: DirectConnection): void {
    const { self, membership } = this.#options;
    if (node.id === self.id) {
      if (node.incarnation >= self.incarnation) this.#refute(node.incarnation);
      return;
    }
    const direct = [...this.#options.connections()].find(({ peer }) => peer === node.id);
    if (direct !== undefined) {
      // It is alive, as we know best. Only it can say so with a higher incarnation: let it know what is said.
      direct.send([{ type: 'LEFT', node }]);
      return;
    }
    const gone = membership.leave(node.id, node.incarnation);
    if (gone === undefined) return;
    this.#options.onLeft(gone.record);
    this.#broadcast([{ type: 'LEFT', node: gone.record }], from);
  }

  /** Answers to what others say of us under a higher incarnation, or of our being gone: with one that is higher still. */
  #refute(incarnation: number): void {
    const { self, logger } = this.#options;
    if (incarnation > self.incarnation + MAX_INCARNATION_LEAP) {
      logger.warn('self.claim_ignored', { claimed: incarnation });
      return;
    }
    logger.info('self.refuted', { claimed: incarnation });
    // The new incarnation holds at once; only its way to the disk is not waited for, and a failure is logged.
    void self.raiseAbove(incarnation).catch((error: unknown) => {
      logger.error('self.not_saved', { error: String(error) });
    });
    for (const connection of this.#options.connections()) {
      const own = { node: self.recordFor(connection.remote), files: [] };
      connection.send(knowledgeBatches({ type: 'JOIN', own, others: [] }));
    }
  }

  *#everybodyElse(peer: NodeId): Iterable<NodeKnowledge> {
    for (const node of this.#options.membership.alive()) {
      if (node.id !== peer) yield { node, files: [...this.#options.files.statementsOf(node.id)] };
    }
  }

  #broadcast(messages: readonly TextMessage[], except?: DirectConnection): void {
    for (const connection of this.#options.connections()) if (connection !== except) connection.send(messages);
  }
}

/** TIMN's head, JOIN's head and BYEF speak for the session's own peer and nobody else. */
export function requirePeer(node: NodeRecord, from: { readonly peer: NodeId }): void {
  if (node.id !== from.peer) {
    throw new KernelError('ERR_PEER_MISMATCH', `the peer ${from.peer} speaks for ${node.id}`);
  }
}
