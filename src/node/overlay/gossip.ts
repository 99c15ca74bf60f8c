import {
  KernelError,
  errorCode,
  toError,
  type Address,
  type Clock,
  type Logger,
  type NodeId,
  type Random,
  type Settings,
} from '../../kernel/index.ts';
import { encodeMessage } from '../messages/codec.ts';
import { heartbeatNodes } from '../messages/heartbeat-nodes.ts';
import { knowledgeBatches } from '../messages/knowledge-batches.ts';
import type {
  JoinMessage,
  LeftMessage,
  NodeKnowledge,
  SuspMessage,
  TextMessage,
  TimnMessage,
} from '../messages/message.ts';
import type { FileStatement, NodeRecord } from '../records.ts';
import type { DirectConnection, GossipMessage } from './direct-connection.ts';
import { DisputedLefts } from './disputed-lefts.ts';
import { Introductions } from './introductions.ts';
import type { Membership } from './membership.ts';
import { OwnWord } from './own-word.ts';
import { fillAddress, type SelfRecord } from './self-record.ts';

/** The feature of a node that understands SUSP. */
export const SUSPICION = 'suspicion';

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
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: Pick<Settings, 'deadMs'>;
  readonly connections: () => Iterable<DirectConnection>;
  readonly onJoined: (record: NodeRecord) => void;
  /** A node that is there has a higher incarnation: it started again, or refuted what was said of it. */
  readonly onUpdated: (record: NodeRecord) => void;
  readonly onLeft: (record: NodeRecord) => void;
  /** Somebody could not reach a member; whether that is news, and we know no better. */
  readonly onSuspected: (record: NodeRecord) => boolean;
  /** Whether a neighbour says that it hears the node. */
  readonly isHeardOf: (id: NodeId) => boolean;
}

/** Spreads what is news, once, and takes in what others say: TIMN, SUMM, JOIN, FILE, SUSP, LEFT and BYEF. */
export class Gossip {
  readonly #options: GossipOptions;
  readonly #ownWord: OwnWord;
  readonly #introductions: Introductions;
  readonly #disputed: DisputedLefts;
  /** Connections over which more was told than is kept: each is warned of once. */
  readonly #overfull = new WeakSet<DirectConnection>();

  constructor(options: GossipOptions) {
    const { self, clock, logger } = options;
    this.#options = options;
    this.#introductions = new Introductions(options);
    this.#disputed = new DisputedLefts({ ...options, onGone: (record) => void this.#leave(record) });
    this.#ownWord = new OwnWord({ self, clock, logger, sayAlive: () => this.#passOn([]) });
  }

  /** Ends what is left to be said; resolves when nothing is being written any more. */
  async close(): Promise<void> {
    await this.#ownWord.close();
  }

  /** What a new direct connection has to be told. */
  introduce(connection: DirectConnection): void {
    this.#introductions.begin(connection);
  }

  /** Something of our own files is news. */
  announce(statement: FileStatement): void {
    this.#broadcast({ type: 'FILE', statement });
  }

  /** A node is gone, as we found out ourselves. */
  declareLeft(record: NodeRecord): void {
    const gone = this.#leave(record);
    if (gone !== undefined) this.#broadcast({ type: 'LEFT', node: gone });
  }

  /** Who was declared gone while a neighbour heard it, and is heard by none any more, is gone. Called with each heartbeat. */
  settleDisputes(): void {
    this.#disputed.settle();
  }

  /** A node could not be reached: whoever knows better may say so, and the node itself first of all. */
  suspect(record: NodeRecord): void {
    this.#broadcast({ type: 'SUSP', nodes: [record] });
  }

  /** Others suspect these: where this node is among them, it says that it lives. */
  refute(suspected: readonly NodeRecord[]): void {
    for (const { id, incarnation } of suspected) if (id === this.#options.self.id) this.#ownWord.claimed(incarnation);
  }

  receive(message: GossipMessage, from: DirectConnection): void {
    switch (message.type) {
      case 'TIMN':
        this.#receiveKnowledge(message, from);
        this.#introductions.told(from);
        return;
      case 'JOIN':
        this.#receiveKnowledge(message, from);
        return;
      case 'SUMM':
        this.#introductions.compare(message, from);
        return;
      case 'FILE':
        this.#receiveStatement(message.statement, from);
        return;
      case 'SUSP':
        this.#receiveSuspicions(message, from);
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
    from.record = fillAddress(message.own.node, from.remote, this.#options.self.addressForm);
    const all = [{ node: from.record, files: message.own.files }, ...message.others];
    const news = all.map((knowledge) => this.#takeIn(knowledge, from)).filter((knowledge) => knowledge !== undefined);
    this.#doubt(
      all.map(({ node }) => node.id),
      from,
    );
    this.#options.membership.reached(from.record);
    if (news.length > 0) this.#passOn(news, from);
  }

  /** What of a node's knowledge was news, if anything. */
  #takeIn({ node, files }: NodeKnowledge, from: DirectConnection): NodeKnowledge | undefined {
    const { membership, self } = this.#options;
    if (node.id === self.id) {
      if (node.incarnation > self.incarnation) this.#ownWord.refute(node.incarnation);
      for (const statement of files) this.#receiveStatement(statement, from);
      return undefined;
    }
    const change = membership.learn(node);
    const member = membership.get(node.id);
    // The record that is kept: what is cut out of a message would keep the whole message in memory.
    const { record } = member ?? { record: node };
    if (change === 'joined') this.#options.onJoined(record);
    if (change === 'updated') this.#options.onUpdated(record);
    if (change !== undefined) this.#disputed.clear(node.id);
    const fresh = files.filter((statement) => statement.origin === node.id && this.#isNews(statement, from));
    if (change === undefined && fresh.length === 0) return undefined;
    // Who came while a node was gone was not told of its files. Whoever remembers them tells when it is back.
    const told = change === 'joined' ? [...this.#options.files.statementsOf(node.id)] : fresh;
    return { node: member?.alive === true ? member.record : node, files: told };
  }

  /**
   * Nodes of which the peer says that they are there, and we were told that they left. Either of us may have missed something: after a cut
   * whole parts of a network think so of each other. So it is asked about them, and who lives says so.
   */
  #doubt(ids: readonly NodeId[], from: DirectConnection): void {
    const { membership } = this.#options;
    const gone = ids.map((id) => membership.get(id)).filter((member) => member?.alive === false);
    const nodes = heartbeatNodes(gone.map((member) => member?.record).filter((record) => record !== undefined));
    if (nodes.length === 0) return;
    if (from.features.includes(SUSPICION)) from.send([encodeMessage({ type: 'SUSP', nodes })]);
    else from.send(nodes.map((node) => encodeMessage({ type: 'LEFT', node })));
  }

  #receiveStatement(statement: FileStatement, from: DirectConnection): void {
    const { self, files } = this.#options;
    // Said of us, and later than anything we said: from before we lost our index. What we say to it has to be later still.
    if (statement.origin === self.id && self.isBefore(statement)) this.#ownWord.refute(statement.incarnation);
    if (statement.origin === self.id) files.apply(statement);
    else if (this.#isNews(statement, from)) this.#broadcast({ type: 'FILE', statement }, from);
  }

  #isNews(statement: FileStatement, from: DirectConnection): boolean {
    const { files, membership, logger } = this.#options;
    const { origin, incarnation } = statement;
    if (!membership.mayHaveSaid(origin, incarnation)) {
      logger.debug('statement.ignored', { origin, incarnation });
      return false;
    }
    try {
      return files.apply(statement);
    } catch (thrown) {
      if (errorCode(thrown) !== 'ERR_LIMIT') throw thrown;
      // Whoever passes it on does so in good faith: what cannot be kept is left out, and nobody is cut off for it.
      const level = this.#overfull.has(from) ? 'debug' : 'warn';
      this.#overfull.add(from);
      logger[level]('statement.not_kept', {
        peer: from.peer,
        origin,
        code: 'ERR_LIMIT',
        reason: toError(thrown).message,
      });
      return false;
    }
  }

  #receiveSuspicions({ nodes }: SuspMessage, from: DirectConnection): void {
    const { membership, onSuspected } = this.#options;
    const news: NodeRecord[] = [];
    this.refute(nodes);
    for (const node of nodes) {
      const member = membership.get(node.id);
      this.#directTo(node.id)?.send([encodeMessage({ type: 'SUSP', nodes: [node] })]);
      if (member?.alive !== true || node.incarnation < member.record.incarnation) continue;
      if (onSuspected({ ...member.record, incarnation: node.incarnation })) news.push(node);
    }
    if (news.length > 0) this.#broadcast({ type: 'SUSP', nodes: news }, from);
  }

  #receiveLeft({ node }: LeftMessage, from: DirectConnection): void {
    const { self, membership, isHeardOf } = this.#options;
    if (node.id === self.id) {
      this.#ownWord.claimed(node.incarnation);
      return;
    }
    from.disown(node.id);
    const member = membership.get(node.id);
    const isLate = member?.alive === true && node.incarnation < member.record.incarnation;
    const direct = this.#directTo(node.id);
    if (direct !== undefined) {
      // It is alive, as we know best. Only it can say so with a higher incarnation: let it know what is said. It is said once: it must not be forgotten.
      direct.send([encodeMessage({ type: 'LEFT', node })]);
      if (!isLate) direct.reportedGone();
      return;
    }
    if (isLate) {
      // The sender missed that it refuted this, or came back.
      this.#tell(from, [{ node: member.record, files: [] }]);
      return;
    }
    if (member?.alive === true && membership.mayHaveSaid(node.id, node.incarnation) && isHeardOf(node.id)) {
      // Passed on all the same: whoever hears it tells it, and it can refute it.
      if (this.#disputed.enter(node)) this.#broadcast({ type: 'LEFT', node }, from);
      return;
    }
    const isPassedOn = this.#disputed.has(node);
    const gone = this.#leave(node);
    if (gone !== undefined && !isPassedOn) this.#broadcast({ type: 'LEFT', node: gone }, from);
  }

  /** Takes in that a node is gone; gives its record if that is news. */
  #leave({ id, incarnation }: NodeRecord): NodeRecord | undefined {
    const gone = this.#options.membership.leave(id, incarnation);
    if (gone === undefined) return undefined;
    this.#disputed.clear(id);
    this.#options.onLeft(gone.record);
    return gone.record;
  }

  #directTo(id: NodeId): DirectConnection | undefined {
    return [...this.#options.connections()].find(({ peer }) => peer === id);
  }

  /** A JOIN to all others, made once for all to whom our own record reads the same. */
  #passOn(others: readonly NodeKnowledge[], except?: DirectConnection): void {
    const framesByAddress = new Map<Address, readonly Uint8Array[]>();
    for (const connection of this.#options.connections()) {
      if (connection === except) continue;
      const node = this.#options.self.recordFor(connection.remote);
      const frames =
        framesByAddress.get(node.address) ??
        Array.from(knowledgeBatches({ type: 'JOIN', own: { node, files: [] }, others }), encodeMessage);
      framesByAddress.set(node.address, frames);
      connection.send(frames);
    }
  }

  #tell(connection: DirectConnection, others: readonly NodeKnowledge[]): void {
    const own = { node: this.#options.self.recordFor(connection.remote), files: [] };
    connection.send(Array.from(knowledgeBatches({ type: 'JOIN', own, others }), encodeMessage));
  }

  #broadcast(message: TextMessage, except?: DirectConnection): void {
    const frames = [encodeMessage(message)];
    for (const connection of this.#options.connections()) if (connection !== except) connection.send(frames);
  }
}

/** TIMN's head, JOIN's head and BYEF speak for the session's own peer and nobody else. */
export function requirePeer(node: NodeRecord, from: { readonly peer: NodeId }): void {
  if (node.id !== from.peer) {
    throw new KernelError('ERR_PEER_MISMATCH', `the peer ${from.peer} speaks for ${node.id}`);
  }
}
