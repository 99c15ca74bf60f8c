import type { BlockSource } from './block-pool.ts';
import { ByteQueue } from './byte-queue.ts';
import { MAX_BYTES_IN_FLIGHT } from './constants.ts';
import { RangeSet, type Range } from '../../../kit/range-set.ts';

/** Bytes of length before each application frame in the stream. */
export const LENGTH_PREFIX = 4;

/** A part of the stream to send; `fin` where it ends the stream. May be empty then. */
export type StreamRange = Range & { readonly fin: boolean };

/** Our half of the stream: keeps what is not acknowledged, and knows what to send next within the peer's window. */
export class SendStream {
  /** What is written and not yet acknowledged without a gap. */
  readonly #bytes: ByteQueue;
  /** First offset never sent. */
  #next = 0;
  /** First offset the peer does not take yet. */
  #peerLimit: number;
  readonly #acked = new RangeSet();
  readonly #lost = new RangeSet();
  #fin: 'open' | 'due' | 'sent' | 'acked' = 'open';

  /** @param window first offset the peer does not take yet. */
  constructor(window: number, pool: BlockSource) {
    this.#peerLimit = window;
    this.#bytes = new ByteQueue(pool);
  }

  /** Bytes written and not sent yet. */
  get backlog(): number {
    return this.#bytes.end - this.#next;
  }

  /** Whether there is data and the peer has no room for it. */
  get isBlocked(): boolean {
    return this.#next < this.#bytes.end && this.#next >= this.#limit && this.#lost.count === 0;
  }

  /** Whether the peer has everything and knows that it is all. */
  get isDelivered(): boolean {
    return this.#fin === 'acked' && this.#delivered === this.#bytes.end;
  }

  /** Appends one application frame, copied. */
  write(frame: Uint8Array): void {
    this.#bytes.pushUint32(frame.length);
    this.#bytes.push(frame);
  }

  /** Ends the stream after what was written. Idempotent. */
  finish(): void {
    if (this.#fin === 'open') this.#fin = 'due';
  }

  /** The peer takes bytes up to `limit`. A smaller one than before changes nothing. */
  raiseLimit(limit: number): void {
    this.#peerLimit = Math.max(this.#peerLimit, limit);
  }

  /** Where the next part to send starts. */
  get nextOffset(): number {
    return this.#lost.first?.start ?? this.#next;
  }

  /** What to send next, at most `room` bytes: what was lost first. Call `onSent` with what is really sent. */
  next(room: number): StreamRange | undefined {
    const lost = this.#lost.first;
    const start = this.nextOffset;
    const available = lost?.end ?? Math.min(this.#bytes.end, this.#limit);
    const end = Math.max(start, Math.min(available, start + room));
    const fin = this.#fin === 'due' && end === this.#bytes.end && (lost === undefined || end === lost.end);
    return end > start || (fin && start === this.#bytes.end) ? { start, end, fin } : undefined;
  }

  onSent({ start, end, fin }: StreamRange): void {
    this.#lost.remove(start, end);
    this.#next = Math.max(this.#next, end);
    if (fin && this.#fin === 'due') this.#fin = 'sent';
  }

  onAcked({ start, end, fin }: StreamRange): void {
    this.#lost.remove(start, end);
    this.#acked.add(start, end);
    if (fin) this.#fin = 'acked';
    this.#bytes.release(this.#delivered);
  }

  /** The range has to be sent again, as far as it did not arrive in another packet. */
  onLost({ start, end, fin }: StreamRange): void {
    if (fin && this.#fin === 'sent') this.#fin = 'due';
    for (const part of this.#acked.missing(start, end)) this.#lost.add(part.start, part.end);
  }

  /** The peer says that it has everything. */
  onAllDelivered(): void {
    if (this.#fin === 'open') return;
    this.onAcked({ start: 0, end: this.#bytes.end, fin: true });
    this.#next = this.#bytes.end;
  }

  /** Copies a part of the stream that is not acknowledged into `target` from `position` on. */
  copy({ start, end }: Range, target: Uint8Array, position: number): void {
    this.#bytes.copy(start, end, target, position);
  }

  /** Gives back all memory: nothing is sent any more. */
  discard(): void {
    this.#bytes.clear();
  }

  get #limit(): number {
    return Math.min(this.#peerLimit, this.#delivered + MAX_BYTES_IN_FLIGHT);
  }

  /** Everything before this offset has arrived. */
  get #delivered(): number {
    const first = this.#acked.first;
    return first?.start === 0 ? first.end : 0;
  }
}
