import {
  KernelError,
  settingsSchema,
  toError,
  type NodeId,
  type PieceStrategy,
  type Settings,
} from '../../../../src/kernel/index.ts';
import { VirtualClock, seededRandom } from '../../../../src/kit/index.ts';
import { PERFECT, type LinkConditions } from '../../../../src/sim/impairment/link-conditions.ts';
import { Link } from '../../../../src/sim/impairment/link.ts';
import { decodeFrame, encodeMessage } from '../../../../src/node/messages/codec.ts';
import type { DecodedFrame, Message, SdfxMessage, SmfxMessage } from '../../../../src/node/messages/message.ts';
import type { FileRecord } from '../../../../src/node/records.ts';
import { TUNNEL_FRAME_LENGTH } from '../../../../src/node/transfer/transfer-peers.ts';
import type { TransferOptions } from '../../../../src/node/transfer/transfer-options.ts';
import { Transfers } from '../../../../src/node/transfer/transfers.ts';
import { RecordingLogger } from '../../../support/recording-logger.ts';
import { MemoryFiles } from './memory-files.ts';
import { TestSession, type Line } from './session-pair.ts';

/** Takes sessions that are dialled to a node which is not one of ours. */
export type Script = (peer: ScriptedPeer) => void | Promise<void>;

export interface TestNode {
  readonly id: NodeId;
  readonly files: MemoryFiles;
  readonly logger: RecordingLogger;
  readonly transfers: Transfers;
  /** What the user was warned of. */
  readonly warnings: readonly Warning[];
}

interface Warning {
  readonly code: string;
  readonly message: string;
}

interface Dial {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly ends: readonly [TestSession, TestSession];
}

export const PIECE = 1_024;

export const inOrder: PieceStrategy = {
  pieceLength: () => PIECE,
  select: ({ candidates }, limit) => candidates.slice(0, limit),
};

/** Id number n of a test: 32 hex digits. */
export function idOf(n: number): NodeId {
  return n.toString(16).padStart(32, '0');
}

/** Nodes in one process, each with Transfers of its own, joined by sessions that a test can cut. */
export class TestNetwork {
  readonly clock = new VirtualClock();
  readonly random = seededRandom(7);
  /** Every session that was dialled, in order. */
  readonly dials: Dial[] = [];
  /** Every dial, also those that reached nobody. */
  readonly attempts: { readonly from: NodeId; readonly to: NodeId }[] = [];
  readonly #nodes = new Map<NodeId, TestNode>();
  readonly #scripts = new Map<NodeId, Script>();
  readonly #tunnels = new Map<string, TestSession>();
  readonly #walls = new Set<string>();
  readonly #lines = new Map<NodeId, { readonly up: Line; readonly down: Line }>();

  node(
    n: number,
    options: {
      readonly settings?: Partial<Settings>;
      readonly pieceStrategy?: PieceStrategy;
      readonly wants?: (record: FileRecord) => boolean;
      readonly sourcesOf?: TransferOptions['sourcesOf'];
      readonly tellPart?: TransferOptions['tellPart'];
      /** Whether small files are taken whole. */
      readonly isSmallTaken?: boolean;
    } = {},
  ): TestNode {
    const id = idOf(n);
    const files = new MemoryFiles();
    const logger = new RecordingLogger();
    const warnings: Warning[] = [];
    const transfers = new Transfers({
      peers: { dial: async (to) => this.#dial(id, to), tunnel: (to) => this.#tunnels.get(`${id} ${to}`) },
      files,
      small: options.isSmallTaken === true ? files.small : undefined,
      pieceStrategy: options.pieceStrategy ?? inOrder,
      clock: this.clock,
      random: this.random,
      logger,
      settings: { ...settingsSchema.parse({ transferWindow: 64 * 1_024 }), ...options.settings },
      self: { id, address: () => `192.0.2.${n}:4000` },
      wants: options.wants,
      sourcesOf: options.sourcesOf,
      tellPart: options.tellPart,
      onWarning: (code, message) => void warnings.push({ code, message }),
    });
    const node = { id, files, logger, transfers, warnings };
    this.#nodes.set(id, node);
    return node;
  }

  /** A node whose behaviour the test writes out. */
  scripted(n: number, script: Script): NodeId {
    this.#scripts.set(idOf(n), script);
    return idOf(n);
  }

  /** From now on what comes from or goes to a node takes the time of a line, shared by all its sessions. */
  limit(id: NodeId, conditions: Partial<LinkConditions>): void {
    const { clock, random } = this;
    const line = () => ({ clock, link: new Link({ clock, random, conditions: { ...PERFECT, ...conditions } }) });
    this.#lines.set(id, { up: line(), down: line() });
  }

  /** From now on `from` cannot dial `to`. */
  wall(from: NodeId, to: NodeId): void {
    this.#walls.add(`${from} ${to}`);
  }

  /** Gives two nodes a tunnel, as a direct connection between them does. Returns the two ends. */
  tunnel(a: NodeId, b: NodeId): readonly [TestSession, TestSession] {
    const ends = TestSession.between(a, b);
    for (const end of ends) end.maxFrameLength = TUNNEL_FRAME_LENGTH;
    this.#tunnels.set(`${a} ${b}`, ends[0]);
    this.#tunnels.set(`${b} ${a}`, ends[1]);
    this.#nodes.get(a)?.transfers.attachTunnel(ends[0]);
    this.#nodes.get(b)?.transfers.attachTunnel(ends[1]);
    return ends;
  }

  /** A session from a scripted node to one of ours. */
  dialFrom(from: NodeId, to: NodeId): ScriptedPeer {
    return new ScriptedPeer(this.#dial(from, to));
  }

  /** Lets time pass in steps until a promise has settled, but not longer than said. */
  async until<T>(promise: Promise<T>, { stepMs = 100, forMs = 60_000 } = {}): Promise<T> {
    let steps = forMs / stepMs;
    const stop = () => (steps = 0);
    void promise.then(stop, stop);
    for (; steps > 0; steps--) await this.clock.advance(stepMs);
    return promise;
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await this.clock.advance(0);
  }

  #dial(from: NodeId, to: NodeId): TestSession {
    this.attempts.push({ from, to });
    if (this.#walls.has(`${from} ${to}`)) throw new KernelError('ERR_DIAL_FAILED', `nobody answers at ${to}`);
    const node = this.#nodes.get(to);
    const script = this.#scripts.get(to);
    if (node === undefined && script === undefined) throw new KernelError('ERR_NO_SUCH_PEER', `${to} is not known`);
    const ends = TestSession.between(from, to);
    this.dials.push({ from, to, ends });
    const lines = this.#lines.get(to);
    ends[0].line = lines?.down;
    ends[1].line = lines?.up;
    if (node === undefined) void script?.(new ScriptedPeer(ends[1]));
    else void acceptFirst(node.transfers, ends[1]);
    return ends[0];
  }
}

async function acceptFirst(transfers: Transfers, session: TestSession): Promise<void> {
  try {
    transfers.accept(session, (await new ScriptedPeer(session).next()) as SmfxMessage | SdfxMessage);
  } catch (error) {
    // A session that ends, or says nonsense, before its first message is the accepting node's affair, not the transfers'.
    session.abort(toError(error));
  }
}

/** Messages over a session, for a test that plays a node by hand. */
export class ScriptedPeer {
  readonly session: TestSession;
  readonly #frames: AsyncIterator<Uint8Array>;

  constructor(session: TestSession) {
    this.session = session;
    this.#frames = session[Symbol.asyncIterator]();
  }

  send(message: Message): Promise<void> {
    return this.session.send(encodeMessage(message));
  }

  /** The next message; throws where the session ends first. */
  async next(): Promise<DecodedFrame> {
    const next = await this.#frames.next();
    if (next.done === true) throw new KernelError('ERR_CONNECTION_LOST', 'closed');
    return decodeFrame(next.value);
  }

  /** The next message of a type; whatever else comes before it is dropped. */
  async nextOf<Type extends Message['type']>(type: Type): Promise<Extract<Message, { type: Type }>> {
    for (;;) {
      const message = await this.next();
      if (message.type === type) return message as Extract<Message, { type: Type }>;
    }
  }
}
