import { KernelError, type Address } from '../../../kernel/index.ts';
import { splitAddress } from '../../../kit/index.ts';
import type { MemoryCall } from './memory-call.ts';
import { Wire, type Links } from './wire.ts';

const BRAND = Symbol.for('peerhold.memory-network');
/** First of the ports that are assigned where 0 is asked for: the dynamic ports of RFC 6335. */
const FIRST_ASSIGNED_PORT = 49_152;

/** One address (`10.0.0.1:7000`), or a host (`10.0.0.1`), which stands for every address at it. */
export type Place = string;

/** Takes the calls that reach one address. */
export interface Doorway {
  ring(call: MemoryCall): void;
}

/**
 * What joins memory transports: those made with one network reach each other and nobody else. A test cuts links or whole hosts from it;
 * nobody is told of that, as nobody is told of a dead machine.
 */
export class MemoryNetwork implements Links {
  readonly [BRAND] = true;
  readonly #doorways = new Map<Address, Doorway>();
  readonly #cuts = new Set<string>();
  readonly #isolated = new Set<Place>();
  /** Wires with something underway on a link that is cut. */
  #held = new Set<Wire>();
  #nextPort = FIRST_ASSIGNED_PORT;

  /** Nothing arrives between the two any more, in either direction; what is sent meanwhile is held back. */
  cut(a: Place, b: Place): void {
    this.#cuts.add(linkKey(a, b));
  }

  /** Undoes `cut` of the same two. */
  mend(a: Place, b: Place): void {
    this.#cuts.delete(linkKey(a, b));
    this.#flushHeld();
  }

  /** Nothing arrives at the place or from it any more, not even from itself: a dead machine. */
  isolate(place: Place): void {
    this.#isolated.add(place);
  }

  /** Undoes `isolate`. */
  rejoin(place: Place): void {
    this.#isolated.delete(place);
    this.#flushHeld();
  }

  /** @internal */
  carries(from: Address, to: Address): boolean {
    if (this.#isolated.size === 0 && this.#cuts.size === 0) return true;
    const sources = [from, splitAddress(from).ip];
    const targets = [to, splitAddress(to).ip];
    if ([...sources, ...targets].some((place) => this.#isolated.has(place))) return false;
    return !sources.some((source) => targets.some((target) => this.#cuts.has(linkKey(source, target))));
  }

  /** @internal */
  hold(wire: Wire): void {
    this.#held.add(wire);
  }

  /** One direction of the link between two addresses. @internal */
  wire(from: Address, to: Address): Wire {
    return new Wire(this, from, to);
  }

  /** A port that nobody here was given before. @internal */
  assignPort(): number {
    return this.#nextPort++;
  }

  /** @internal @throws ERR_ADDRESS_IN_USE */
  open(address: Address, doorway: Doorway): void {
    if (this.#doorways.has(address)) {
      throw new KernelError('ERR_ADDRESS_IN_USE', `another transport of this network listens on ${address}`);
    }
    this.#doorways.set(address, doorway);
  }

  /** @internal */
  shut(address: Address): void {
    this.#doorways.delete(address);
  }

  /** @internal */
  doorway(address: Address): Doorway | undefined {
    return this.#doorways.get(address);
  }

  #flushHeld(): void {
    const held = this.#held;
    this.#held = new Set();
    for (const wire of held) wire.flush();
  }
}

/** Whether a value is a MemoryNetwork, of whichever copy of this module. */
export function isMemoryNetwork(value: unknown): value is MemoryNetwork {
  return typeof value === 'object' && value !== null && BRAND in value;
}

function linkKey(a: Place, b: Place): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
