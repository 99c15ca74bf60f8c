import { KernelError } from '../../../kernel/index.ts';
import { uninitialised } from '../../../kit/index.ts';
import type { BlockLoan } from './block-loan.ts';
import { ByteQueue } from './byte-queue.ts';
import { MAX_GAPS } from './constants.ts';
import { ReceiveWindow } from './receive-window.ts';
import { LENGTH_PREFIX } from './send-stream.ts';
import { malformed } from './wire.ts';

/** Memory of up to so many bytes is had sooner cleared than not. */
const SHORT_FRAME = 1_024;

interface Piece {
  readonly offset: number;
  /** A copy: the datagram it came in is given back. */
  readonly bytes: Uint8Array;
}

/** The peer's half of the stream: puts it in order within our window, and cuts it into application frames. */
export class ReceiveStream {
  readonly #window: ReceiveWindow;
  readonly #pool: BlockLoan;
  readonly #maxFrameLength: number;
  readonly #ordered: ByteQueue;
  /** What arrived ahead of a gap, by offset; pieces may overlap. */
  readonly #ahead: Piece[] = [];
  #aheadBytes = 0;
  /** Everything before this offset is in order. */
  #next = 0;
  /** Highest offset seen, and where the stream ends once that is known. */
  #highest = 0;
  #end: number | undefined;
  #consumed = 0;
  /** Where the frame starts whose length has not come yet, or is not allowed: those before it are. */
  #checked = 0;
  /** Bytes that the frame at hand takes, its length included; 0 where it starts at #checked. */
  #frameBytes = 0;
  #advertised: number;

  /** @param options.window bytes that may wait here at most, but for one whole frame. */
  constructor(options: { readonly window: number; readonly maxFrameLength: number; readonly pool: BlockLoan }) {
    const { window, maxFrameLength, pool } = options;
    this.#ordered = new ByteQueue(pool);
    this.#pool = pool;
    this.#window = new ReceiveWindow(window);
    this.#maxFrameLength = maxFrameLength;
    this.#advertised = this.#window.size;
  }

  /** First offset that the peer may not send yet: what was promised once stays. */
  get limit(): number {
    return Math.max(this.#advertised, this.#consumed + Math.max(this.#window.size, this.#frameBytes));
  }

  /** Whether so much was read since the peer last heard of our limit that it should hear of the new one. */
  get isLimitStale(): boolean {
    return this.#end === undefined && this.limit - this.#advertised >= this.#window.size / 4;
  }

  /** Whether the peer may send more than it was told. */
  get hasUntoldRoom(): boolean {
    return this.#end === undefined && this.limit > this.#advertised;
  }

  /** Whether something before what came is missing. */
  get hasGap(): boolean {
    return this.#ahead.length > 0;
  }

  /** Whether all of the stream is here, though not necessarily read. */
  get isComplete(): boolean {
    return this.#next === this.#end;
  }

  /** Whether all of the stream was read. */
  get isRead(): boolean {
    return this.#consumed === this.#end;
  }

  get hasFrame(): boolean {
    return this.#frameBytes > 0 && this.#ordered.length >= this.#frameBytes;
  }

  /** The limit, for a window frame: the peer will know. */
  advertise(): number {
    this.#advertised = this.limit;
    return this.#advertised;
  }

  /** Fits the window to what is read in a round trip; to be called as packets arrive. Returns whether the peer should hear of its limit. */
  adapt(rttMs: number, now: number): boolean {
    if (this.#window.isRoundOver(rttMs, now)) this.#window.adapt(this.#consumed, this.#pool.isScarce, now);
    return this.isLimitStale;
  }

  /**
   * Takes a part of the stream; where parts overlap, what came first counts. Returns whether it was kept: `false` asks the
   * caller to forget the packet, so that it is sent again. Throws ERR_PACKET or ERR_FRAME_TOO_LARGE where the peer
   * breaks the protocol.
   */
  receive(offset: number, bytes: Uint8Array, fin: boolean): boolean {
    const end = offset + bytes.length;
    if (end > this.#advertised) throw malformed('stream data beyond the window');
    if (end > this.#next && this.#pool.isExhausted && !this.#mayOverdraw(offset)) return false;
    if (fin) this.#setEnd(end);
    this.#highest = Math.max(this.#highest, end);
    if (this.#end !== undefined && this.#highest > this.#end) throw malformed('stream data after its end');
    if (end > this.#next && offset > this.#next) return this.#keep(offset, bytes);
    this.#append(offset, bytes);
    if (this.#ahead.length > 0) this.#closeGap();
    this.#checkFrames();
    return true;
  }

  /** The next application frame, in an array of its own. */
  read(): Uint8Array | undefined {
    if (!this.hasFrame) return undefined;
    const length = this.#frameBytes - LENGTH_PREFIX;
    const start = this.#ordered.start + LENGTH_PREFIX;
    const frame = length <= SHORT_FRAME ? new Uint8Array(length) : uninitialised(length);
    this.#ordered.copy(start, start + length, frame, 0);
    this.#ordered.release(start + length);
    this.#consumed = start + length;
    this.#pool.repay();
    this.#measureFrame();
    return frame;
  }

  /** Only what comes next, and only up to one whole frame. */
  #mayOverdraw(offset: number): boolean {
    return offset <= this.#next && !this.hasFrame && this.#pool.overdraw();
  }

  #setEnd(end: number): void {
    if (this.#end !== undefined && this.#end !== end) throw malformed('the end of the stream moved');
    this.#end = end;
  }

  #append(offset: number, bytes: Uint8Array): void {
    const known = this.#next - offset;
    if (known > bytes.length) return;
    this.#ordered.push(known === 0 ? bytes : bytes.subarray(known));
    this.#next = offset + bytes.length;
  }

  #keep(offset: number, bytes: Uint8Array): boolean {
    const index = this.#indexOf(offset);
    const before = this.#ahead[index - 1];
    const end = offset + bytes.length;
    if (before !== undefined && before.offset + before.bytes.length >= end) return true;
    if (this.#pool.isScarce || this.#ahead.length >= MAX_GAPS) return false;
    if (this.#aheadBytes + bytes.length > this.#advertised - this.#next) return false;
    this.#ahead.splice(index, 0, { offset, bytes: new Uint8Array(bytes) });
    this.#pool.hold(bytes.length);
    this.#aheadBytes += bytes.length;
    return true;
  }

  #closeGap(): void {
    let taken = 0;
    for (const { offset, bytes } of this.#ahead) {
      if (offset > this.#next) break;
      this.#append(offset, bytes);
      this.#pool.hold(-bytes.length);
      this.#aheadBytes -= bytes.length;
      taken += 1;
    }
    if (taken > 0) this.#ahead.splice(0, taken);
  }

  /** Index of the first piece that starts after `offset`. */
  #indexOf(offset: number): number {
    let [low, high] = [0, this.#ahead.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ahead[middle]?.offset ?? Infinity) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Looks at what is in order as it comes: reading it later cannot fail. */
  #checkFrames(): void {
    const limit = this.#maxFrameLength;
    let length = this.#ordered.peekUint32(this.#checked);
    while (length !== undefined && length <= limit) {
      this.#checked += LENGTH_PREFIX + length;
      length = this.#ordered.peekUint32(this.#checked);
    }
    if (this.#frameBytes === 0) this.#measureFrame();
    if (length !== undefined) {
      const text = `the peer announces a frame of ${length} bytes; the limit is ${limit}`;
      throw new KernelError('ERR_FRAME_TOO_LARGE', text);
    }
    if (this.isComplete && this.#checked !== this.#end) throw malformed('the stream ends within a frame');
  }

  #measureFrame(): void {
    const { start } = this.#ordered;
    this.#frameBytes = start < this.#checked ? LENGTH_PREFIX + (this.#ordered.peekUint32(start) ?? 0) : 0;
  }
}
