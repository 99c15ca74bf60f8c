import type { Clock, NodeId } from '../../kernel/index.ts';
import type { RecordPool } from '../record-pool.ts';
import type { NodeRecord } from '../records.ts';

/** Nodes remembered at most, the gone ones included; more than this is not a folder's network but an attack or a case for another design. */
export const MAX_MEMBERS = 10_000;

/** How long a gone node is remembered, so that late news of it is recognised as late. */
const REMEMBER_LEFT_MS = 24 * 60 * 60 * 1000;

/**
 * How far an incarnation may be above the one known. A node raises its own by one at a time; who claims a leap for it wants to put it where it
 * cannot answer any more.
 */
export const MAX_INCARNATION_LEAP = 1_000_000;

export interface Member {
  readonly record: NodeRecord;
  readonly alive: boolean;
  /** When it was last known to have left, in the clock's monotonic ms. */
  readonly leftAt: number;
}

export interface MembershipOptions {
  readonly self: NodeId;
  readonly clock: Clock;
  /** Nodes remembered at most. */
  readonly limit?: number | undefined;
  readonly pool?: RecordPool | undefined;
}

/**
 * What is known of every other node, by the rule of SWIM (Das, Gupta and Motivala 2002, section 4.2): only a higher incarnation
 * brings a node back, and of one incarnation "left" stands over "alive". So news spreads once and late news changes nothing.
 */
export class Membership {
  readonly #self: NodeId;
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #pool: RecordPool | undefined;
  readonly #members = new Map<NodeId, Member>();
  /** Of those that are alive, since the last change: heartbeats ask again and again. */
  #alive: readonly NodeRecord[] | undefined;

  constructor(options: MembershipOptions) {
    this.#self = options.self;
    this.#clock = options.clock;
    this.#limit = options.limit ?? MAX_MEMBERS;
    this.#pool = options.pool;
  }

  /** Takes in that a node is alive. Gives what it changed: 'joined', 'updated' (a restart or refutation), or nothing. */
  learn(record: NodeRecord): 'joined' | 'updated' | undefined {
    const known = this.#members.get(record.id);
    if (record.id === this.#self) return undefined;
    if (known === undefined && !this.#makeRoom()) return undefined;
    if (known !== undefined && leaps(record.incarnation, known)) return undefined;
    if (known !== undefined && record.incarnation <= known.record.incarnation) {
      if (known.alive && known.record.address === '' && record.address !== '') this.#set(record);
      return undefined;
    }
    this.#set(record.address === '' && known !== undefined ? { ...record, address: known.record.address } : record);
    return known?.alive === true ? 'updated' : 'joined';
  }

  /** Takes in where a node was really reached, by ourselves: not news, but worth more than what others say. */
  reached(record: NodeRecord): void {
    const known = this.#members.get(record.id);
    if (known?.alive === true && record.address !== '')
      this.#set({ ...known.record, address: record.address, place: record.place });
  }

  /** Takes in that a node is gone. Gives the member if that is news. A "left" of an older incarnation, or of nobody we know, is not. */
  leave(id: NodeId, incarnation: number): Member | undefined {
    const known = this.#members.get(id);
    if (known === undefined || !known.alive || incarnation < known.record.incarnation) return undefined;
    if (leaps(incarnation, known)) return undefined;
    const gone = { record: { ...known.record, incarnation }, alive: false, leftAt: this.#clock.now() };
    this.#members.set(id, gone);
    this.#alive = undefined;
    return gone;
  }

  /**
   * Whether a node may have said something under this incarnation: it is known, and the incarnation does not leap. On every link the news of a
   * node goes before what it says.
   */
  mayHaveSaid(id: NodeId, incarnation: number): boolean {
    const known = this.#members.get(id);
    return known !== undefined && !leaps(incarnation, known);
  }

  get(id: NodeId): Member | undefined {
    return this.#members.get(id);
  }

  isAlive(id: NodeId): boolean {
    return this.#members.get(id)?.alive === true;
  }

  /** The records of all nodes that are alive, ourselves not among them. */
  alive(): readonly NodeRecord[] {
    this.#alive ??= [...this.#members.values()].filter((member) => member.alive).map((member) => member.record);
    return this.#alive;
  }

  /** Forgets the nodes that have been gone for a day, and gives them: what they said means nothing any more. */
  forgetGone(): NodeId[] {
    if (this.alive().length === this.#members.size) return [];
    const horizon = this.#clock.now() - REMEMBER_LEFT_MS;
    const forgotten = [...this.#members].filter(([, { alive, leftAt }]) => !alive && leftAt <= horizon);
    for (const [id] of forgotten) this.#members.delete(id);
    return forgotten.map(([id]) => id);
  }

  #set(heard: NodeRecord): void {
    const record = this.#pool?.node(heard) ?? heard;
    this.#members.set(record.id, { record, alive: true, leftAt: 0 });
    this.#alive = undefined;
  }

  /** Who left first gives way to who is new; a living node never does. */
  #makeRoom(): boolean {
    if (this.#members.size < this.#limit) return true;
    let oldest: Member | undefined;
    for (const member of this.#members.values()) {
      if (!member.alive && (oldest === undefined || member.leftAt < oldest.leftAt)) oldest = member;
    }
    return oldest !== undefined && this.#members.delete(oldest.record.id);
  }
}

function leaps(incarnation: number, known: Member): boolean {
  return incarnation > known.record.incarnation + MAX_INCARNATION_LEAP;
}
