import { BASE_DATAGRAM } from './constants.ts';

/**
 * Sizes worth trying between the smallest and the limit, as UDP payloads: a tunnel of 1,420 under IPv6, Ethernet under IPv6 and IPv4,
 * jumbo frames likewise, and loopback of 16 KiB as on macOS.
 */
const SIZES = [1_372, 1_452, 1_472, 8_952, 8_972, 16_356] as const;

/**
 * Probes of one size. They leave together: a router that drops the first tells our system its limit, and the system would cut
 * a later one into fragments that arrive and prove nothing.
 */
const PROBES = 2;

/** How long a search that ended is not repeated (RFC 8899's 600 s, and more than the 600 s after which Linux forgets a router's limit). */
const RAISE_AFTER_MS = 900_000;

/** How long after a black hole the search starts anew. */
const RETRY_AFTER_MS = 60_000;

/** Times in a row that small packets arrived and larger ones before them did not, after which they are taken to vanish (RFC 8899: MAX_PROBES). */
const BLACK_HOLE_LOSSES = 3;

interface ProbedPacket {
  readonly size: number;
  readonly isSizeProbe: boolean;
}

/**
 * Finds the largest datagram that a path carries, by padded probes that carry nothing else (DPLPMTUD, RFC 8899), and notices when
 * it no longer does. It begins at what every path carries, and tries the limit first: most paths carry what their first link does.
 */
export class PathMtu {
  #limit: number;
  #length = BASE_DATAGRAM;
  /** Largest size not known to fail in this search. */
  #ceiling: number;
  #probing: { readonly size: number; unsent: number; unanswered: number } | undefined;
  #searchAt: number;
  #largeLosses = 0;

  /** @param limit largest datagram that both ends take and our link carries. */
  constructor(limit: number, now: number) {
    this.#limit = this.#ceiling = limit;
    this.#searchAt = now;
  }

  /** Bytes of a full datagram. */
  get length(): number {
    return this.#length;
  }

  /** Nothing is known of the path any more; the search begins at a time. */
  startPath(limit: number, searchAt: number): void {
    this.#limit = this.#ceiling = limit;
    this.#length = BASE_DATAGRAM;
    this.#probing = undefined;
    this.#searchAt = searchAt;
    this.#largeLosses = 0;
  }

  /** The size of the probe to send now, if any; call `onProbeSent` when it was. */
  probeDue(now: number): number | undefined {
    if (this.#probing === undefined) this.#start(now);
    return this.#probing !== undefined && this.#probing.unsent > 0 ? this.#probing.size : undefined;
  }

  onProbeSent(): void {
    if (this.#probing === undefined) return;
    this.#probing.unsent -= 1;
    this.#probing.unanswered += 1;
  }

  /** Takes what became of packets together. @returns whether full datagrams have another length from now on. */
  settle(acked: readonly ProbedPacket[], lost: readonly ProbedPacket[], now: number): boolean {
    const before = this.#length;
    for (const { size, isSizeProbe } of acked) if (isSizeProbe && size === this.#probing?.size) this.#take(size);
    for (const { size, isSizeProbe } of lost) if (isSizeProbe && size === this.#probing?.size) this.#countLost(now);
    if (acked.some(isLarge)) this.#largeLosses = 0;
    else if (acked.length > 0 && lost.some(isLarge)) this.#countLargeLoss(now);
    return this.#length !== before;
  }

  #take(size: number): void {
    this.#probing = undefined;
    this.#length = size;
  }

  /** A small packet arrived, and larger ones sent before it did not. */
  #countLargeLoss(now: number): void {
    this.#largeLosses += 1;
    if (this.#largeLosses < BLACK_HOLE_LOSSES) return;
    this.startPath(this.#limit, now + RETRY_AFTER_MS);
  }

  #start(now: number): void {
    if (now < this.#searchAt) return;
    const size = this.#nextSize();
    if (size !== undefined) this.#probing = { size, unsent: PROBES, unanswered: 0 };
    else {
      this.#searchAt = now + RAISE_AFTER_MS;
      this.#ceiling = this.#limit;
    }
  }

  #nextSize(): number | undefined {
    if (this.#ceiling === this.#limit) return this.#limit > this.#length ? this.#limit : undefined;
    return SIZES.findLast((size) => size <= this.#ceiling && size > this.#length);
  }

  #countLost(now: number): void {
    const probing = this.#probing;
    if (probing === undefined) return;
    probing.unanswered -= 1;
    if (probing.unsent > 0 || probing.unanswered > 0) return;
    this.#ceiling = probing.size - 1;
    this.#probing = undefined;
    this.#start(now);
  }
}

function isLarge({ size, isSizeProbe }: ProbedPacket): boolean {
  return size > BASE_DATAGRAM && !isSizeProbe;
}
