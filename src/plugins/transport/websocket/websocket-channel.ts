import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { KernelError, type Clock, type Timer } from '../../../kernel/index.ts';
import type { ChannelReceiver, FrameChannel, Mark } from '../../../kit/index.ts';

export interface WebSocketChannelOptions {
  readonly clock: Clock;
  readonly pingMs: number;
  /** What the WebSocket speaks over. */
  readonly socket: Duplex;
}

/** Bytes written and not yet taken by the system at which it takes no more, and at which it takes more again. */
const FULL_BYTES = 256 * 1024;
const WRITABLE_BYTES = FULL_BYTES / 2;
/** Frames up to this length are copied, so that the caller goes on at once. */
const COPIED_LENGTH = 8 * 1024;
const NORMAL_CLOSURE = 1_000;

/** A frame is a binary message; a mark is its name in a text message. What is written in one turn of the event loop goes out together. */
export class WebSocketChannel implements FrameChannel {
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  readonly #clock: Clock;
  readonly #pingMs: number;
  readonly #receiver: ChannelReceiver;
  #isFull = false;
  #isCorked = false;
  #isPaused = false;
  /** Whether anything came since the last ping. */
  #isAlive = true;
  #timer: Timer | undefined;
  #error: Error | undefined;
  /** Whether the receiver has been told the end, or does not want to be. */
  #hasEnded = false;

  constructor(webSocket: WebSocket, receiver: ChannelReceiver, { clock, pingMs, socket }: WebSocketChannelOptions) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#clock = clock;
    this.#pingMs = pingMs;
    this.#receiver = receiver;
    webSocket.on('message', (bytes, isBinary) => this.#take(bytes, isBinary));
    webSocket.on('ping', () => (this.#isAlive = true));
    webSocket.on('pong', () => (this.#isAlive = true));
    webSocket.on('error', (error) => (this.#error = asTooLarge(error)));
    webSocket.on('close', () => this.#end(this.#error));
    this.#schedulePing();
  }

  get canWrite(): boolean {
    return !this.#isFull;
  }

  writeFrame(frame: Uint8Array, taken: () => void): void {
    const isCopied = frame.length <= COPIED_LENGTH;
    this.#write(isCopied ? frame.slice() : frame, isCopied ? undefined : taken);
    if (isCopied) taken();
  }

  writeMark(mark: Mark): void {
    this.#write(mark);
  }

  pause(): void {
    this.#isPaused = true;
    this.#webSocket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#isAlive = true;
    this.#webSocket.resume();
  }

  finish(): void {
    this.#webSocket.close(NORMAL_CLOSURE);
  }

  destroy(): void {
    this.#hasEnded = true;
    this.#timer?.cancel();
    this.#webSocket.terminate();
  }

  #write(message: Uint8Array | Mark, taken?: () => void): void {
    this.#cork();
    this.#webSocket.send(message, { binary: typeof message !== 'string' }, (error) => {
      // The end is told by the WebSocket's own events; a socket that is destroyed calls back without an error for what it did not write.
      if (error instanceof Error || this.#socket.destroyed) return;
      taken?.();
      if (!this.#isFull || this.#webSocket.bufferedAmount > WRITABLE_BYTES) return;
      this.#isFull = false;
      if (!this.#hasEnded) this.#receiver.writable();
    });
    if (this.#webSocket.bufferedAmount >= FULL_BYTES) this.#isFull = true;
  }

  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      this.#socket.uncork();
    });
  }

  #take(data: RawData, isBinary: boolean): void {
    if (this.#hasEnded) return;
    this.#isAlive = true;
    // By ws's default, messages come as one Buffer each.
    const bytes = data as Buffer;
    if (isBinary) {
      this.#receiver.frame(ownBytes(bytes));
      return;
    }
    const text = bytes.toString('latin1');
    if (text === 'closing' || text === 'received') this.#receiver.mark(text);
    else this.#fail(new KernelError('ERR_PACKET', 'the peer sent a text message that is no mark'));
  }

  /** Pings keep proxies from ending the connection; where nothing came since the last one, the peer is gone. */
  #schedulePing(): void {
    this.#timer = this.#clock.setTimer(this.#pingMs, () => {
      // While we do not read, its silence is ours.
      if (!this.#isAlive && !this.#isPaused) {
        this.#fail(new KernelError('ERR_CONNECTION_LOST', `the peer answered no ping within ${this.#pingMs} ms`));
        return;
      }
      this.#isAlive = false;
      this.#webSocket.ping();
      this.#schedulePing();
    });
  }

  #fail(error: Error): void {
    this.#end(error);
    this.#webSocket.terminate();
  }

  #end(error?: Error): void {
    this.#timer?.cancel();
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#receiver.gone(error);
  }
}

/** Bytes in memory of their own: a short message lies within what was read from the socket, with others. */
function ownBytes(bytes: Buffer): Uint8Array {
  const { buffer, byteOffset, length } = bytes;
  return length === buffer.byteLength ? new Uint8Array(buffer, byteOffset, length) : Uint8Array.from(bytes);
}

function asTooLarge(error: Error): Error {
  const isTooLarge = 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
  return isTooLarge ? new KernelError('ERR_FRAME_TOO_LARGE', 'the peer announces too large a frame') : error;
}
