import { settingsSchema, type SettingsInput } from '../../../../src/kernel/index.ts';
import { VirtualClock } from '../../../../src/kit/index.ts';
import {
  DirectConnection,
  type DirectEnd,
  type GossipMessage,
} from '../../../../src/node/overlay/direct-connection.ts';
import { decodeFrame } from '../../../../src/node/messages/codec.ts';
import type { DecodedFrame, HbMessage, SummMessage, TimnMessage } from '../../../../src/node/messages/message.ts';
import { NewsReader } from '../../../../src/node/messages/news-reader.ts';
import type { FileStatement, NodeRecord } from '../../../../src/node/records.ts';
import { FakeSession } from '../../../support/fake-session.ts';
import { RecordingLogger } from '../../../support/recording-logger.ts';

/** The id of the node of this number. */
export function idOf(number: number): string {
  return number.toString(16).padStart(32, '0');
}

export function recordOf(number: number, incarnation = 1): NodeRecord {
  return { id: idOf(number), address: `10.0.0.${number}:${7_000 + number}`, incarnation };
}

export function statementOf(node: number, name: string, sequence = 1, incarnation = 1): FileStatement {
  const writer = idOf(node);
  const record = {
    name,
    checksum: 'c'.repeat(64),
    size: 1,
    modifiedMs: 0,
    user: 'user',
    writer,
    version: new Map([[writer, 1]]),
    manifest: '',
  };
  return { origin: writer, incarnation, sequence, held: true, record };
}

export function timnOf(number: number): TimnMessage {
  return { type: 'TIMN', own: { node: recordOf(number), files: [] }, others: [] };
}

/** A turn that says nothing. */
export function summOf(seed: string): SummMessage {
  return { type: 'SUMM', seed, more: false, ranges: [], listings: [], wants: [] };
}

export function hbOf(...numbers: readonly number[]): HbMessage {
  const connections = numbers.map((number) => recordOf(number));
  return { type: 'HB', stamp: 0, echo: -1, heldMs: 0, connections };
}

export interface NeighbourOptions {
  readonly clock?: VirtualClock;
  readonly dialled?: boolean;
  readonly incarnation?: number;
  readonly settings?: SettingsInput;
  readonly features?: readonly string[];
  /** Since when our own node has run without a stop. */
  readonly runningSince?: () => number;
  readonly onMessage?: (message: GossipMessage, from: DirectConnection) => void;
}

/** A direct connection over a session whose other end the test holds. */
export class Neighbour {
  readonly clock: VirtualClock;
  readonly session: FakeSession;
  readonly connection: DirectConnection;
  readonly log = new RecordingLogger();
  readonly received: GossipMessage[] = [];
  readonly ends: DirectEnd[] = [];

  constructor(number: number, options: NeighbourOptions = {}) {
    this.clock = options.clock ?? new VirtualClock();
    this.session = new FakeSession(idOf(number));
    this.connection = new DirectConnection({
      session: this.session,
      dialled: options.dialled ?? true,
      record: recordOf(number, options.incarnation),
      user: `user${number}`,
      features: options.features ?? ['suspicion'],
      news: new NewsReader(),
      clock: this.clock,
      pace: {
        get runningSince() {
          return options.runningSince?.() ?? -Infinity;
        },
      },
      settings: settingsSchema.parse(options.settings ?? {}),
      logger: this.log,
      onMessage: (message, from) => {
        this.received.push(message);
        options.onMessage?.(message, from);
      },
      onEnd: (how) => this.ends.push(how),
    });
  }

  /** What the neighbour was told, heartbeats apart. */
  get told(): DecodedFrame[] {
    return this.session.sent.map((frame) => decodeFrame(frame)).filter(({ type }) => type !== 'HB');
  }
}
