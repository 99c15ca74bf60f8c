import { KernelError, type NodeId } from '../../kernel/index.ts';
import type { FileStatement } from '../records.ts';
import { allOf, find, withStatement, withoutStatement, type NameStatements } from './name-statements.ts';

/** How many statements are kept. */
export interface StatementLimits {
  /** Of one origin: the largest folder the network takes part in. */
  readonly perOrigin: number;
  /** Of all origins together: bounds memory, at somewhat under 1 KiB each. */
  readonly total: number;
}

/** What a home or team network never reaches, and a node of small memory still holds. */
export const DEFAULT_STATEMENT_LIMITS: StatementLimits = { perOrigin: 100_000, total: 400_000 };

/** Share of the whole table beyond which an origin has to make room for those that take less. */
const LARGE_SHARE = 1 / 8;
/** Share of its statements that it loses then, at once, so that making room costs little. */
const YIELDED_SHARE = 1 / 16;

/** Names a (user, name) pair; a user's label holds no '/', so no two pairs share a key. */
export function fileKey(user: string, name: string): string {
  return `${user}/${name}`;
}

/** How much a node holds. */
export interface Holdings {
  /** In its folder. */
  readonly files: number;
  /** In its folder and as replicas. */
  readonly bytes: number;
  /** As replicas. */
  readonly replicaBytes: number;
}

/**
 * The statements of one origin. Those that withdraw a holding stand apart, oldest first, since they are the ones to be
 * dropped.
 */
interface OriginStatements {
  readonly held: Set<FileStatement>;
  /** Each with the time since when. Made when there is one: most origins withdraw nothing. */
  released?: Map<FileStatement, number>;
  heldBytes: number;
  /** Of what is held, the replicas. */
  replicas: number;
  replicaBytes: number;
}

/** The last statement of each origin on each (user, name), found by origin and by name. Bounded. */
export class StatementTable {
  readonly #limits: StatementLimits;
  readonly #self: NodeId;
  readonly #origins = new Map<NodeId, OriginStatements>();
  /** The origins, this node not among them, that take more than their share. */
  readonly #large = new Set<NodeId>();
  readonly #names = new Map<string, NameStatements>();
  #size = 0;

  /** @param self whose statements never make room for those of others: they are the truth about our own folder. */
  constructor(limits: StatementLimits, self: NodeId) {
    this.#limits = limits;
    this.#self = self;
  }

  get(origin: NodeId, user: string, name: string): FileStatement | undefined {
    return find(this.#names.get(name), origin, user);
  }

  /**
   * Puts a statement in the place of the origin's earlier one on the (user, name). `sinceMs` is what `releasedBefore`
   * compares.
   *
   * @returns the withdrawal that had to go to make room, if any.
   * @throws ERR_LIMIT where there is no room and none can be made.
   */
  put(statement: FileStatement, sinceMs: number): FileStatement | undefined {
    const { origin, record, held } = statement;
    const evicted = this.get(origin, record.user, record.name) === undefined ? this.#makeRoom(origin) : undefined;
    this.delete(origin, record.user, record.name);
    const own = this.#origin(origin);
    if (held) {
      own.held.add(statement);
      count(own, statement, 1);
    } else {
      own.released ??= new Map();
      own.released.set(statement, sinceMs);
    }
    this.#names.set(record.name, withStatement(this.#names.get(record.name), statement));
    this.#size += 1;
    if (origin !== this.#self && this.#isLarge(own)) this.#large.add(origin);
    return evicted;
  }

  delete(origin: NodeId, user: string, name: string): void {
    const own = this.#origins.get(origin);
    const said = this.#names.get(name);
    const statement = find(said, origin, user);
    if (own === undefined || said === undefined || statement === undefined) return;
    if (own.held.delete(statement)) count(own, statement, -1);
    else own.released?.delete(statement);
    if (countOf(own) === 0) this.#origins.delete(origin);
    if (!this.#isLarge(own)) this.#large.delete(origin);
    const rest = withoutStatement(said, statement);
    if (rest === undefined) this.#names.delete(name);
    else this.#names.set(name, rest);
    this.#size -= 1;
  }

  /** Everything an origin says, what it holds first. */
  *ofOrigin(origin: NodeId): Generator<FileStatement> {
    const own = this.#origins.get(origin);
    if (own === undefined) return;
    yield* own.held;
    yield* own.released?.keys() ?? [];
  }

  /** Everything said of a name, by all origins and of all users. */
  ofName(name: string): Iterable<FileStatement> {
    return allOf(this.#names.get(name));
  }

  names(): Iterable<string> {
    return this.#names.keys();
  }

  /** By an origin's own word. */
  holdings(origin: NodeId): Holdings {
    const own = this.#origins.get(origin);
    if (own === undefined) return { files: 0, bytes: 0, replicaBytes: 0 };
    return { files: own.held.size - own.replicas, bytes: own.heldBytes, replicaBytes: own.replicaBytes };
  }

  /** The withdrawals and deletions that were heard of before a time. */
  releasedBefore(timeMs: number): FileStatement[] {
    const found: FileStatement[] = [];
    for (const { released } of this.#origins.values()) {
      for (const [statement, sinceMs] of released ?? []) if (sinceMs < timeMs) found.push(statement);
    }
    return found;
  }

  #origin(origin: NodeId): OriginStatements {
    const known = this.#origins.get(origin);
    if (known !== undefined) return known;
    const made: OriginStatements = { held: new Set(), heldBytes: 0, replicas: 0, replicaBytes: 0 };
    this.#origins.set(origin, made);
    return made;
  }

  #isLarge(own: OriginStatements): boolean {
    return countOf(own) > this.#limits.total * LARGE_SHARE;
  }

  /**
   * Where all is full, those give way that take the most: else one node that invents files would keep those of all others out. And a folder with
   * much coming and going makes withdrawals without end: the oldest give way before anything is refused.
   */
  #makeRoom(origin: NodeId): FileStatement | undefined {
    const own = this.#origins.get(origin);
    const count = own === undefined ? 0 : countOf(own);
    if (count < this.#limits.perOrigin && this.#size >= this.#limits.total && !this.#large.has(origin)) {
      this.#shrinkLargest();
    }
    if (count < this.#limits.perOrigin && this.#size < this.#limits.total) return undefined;
    const [oldest] = own?.released?.keys() ?? [];
    if (oldest === undefined) {
      throw new KernelError(
        'ERR_LIMIT',
        `node ${origin} tells of more files than are kept: ${count} of at most ${this.#limits.perOrigin}, and ` +
          `${this.#size} of at most ${this.#limits.total} of all nodes`,
      );
    }
    const { record } = oldest;
    this.delete(origin, record.user, record.name);
    return oldest;
  }

  /** Drops what the largest of the large origins said last. */
  #shrinkLargest(): void {
    let largest: { readonly origin: NodeId; readonly count: number } | undefined;
    for (const origin of this.#large) {
      const own = this.#origins.get(origin);
      const count = own === undefined ? 0 : countOf(own);
      if (largest === undefined || count > largest.count) largest = { origin, count };
    }
    if (largest === undefined) return;
    const yielded = Math.ceil(largest.count * YIELDED_SHARE);
    for (const { record } of [...this.ofOrigin(largest.origin)].slice(-yielded)) {
      this.delete(largest.origin, record.user, record.name);
    }
  }
}

/** Adds what a statement says is held, or takes it away. */
function count(own: OriginStatements, { record, replica }: FileStatement, sign: 1 | -1): void {
  own.heldBytes += sign * record.size;
  if (replica !== true) return;
  own.replicas += sign;
  own.replicaBytes += sign * record.size;
}

function countOf({ held, released }: OriginStatements): number {
  return held.size + (released?.size ?? 0);
}
