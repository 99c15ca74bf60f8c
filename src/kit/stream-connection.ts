import type { Duplex } from 'node:stream';
import { toError, type Connection } from '../kernel/index.ts';
import { ChannelConnection, type ChannelConnectionOptions } from './channel-connection.ts';
import type { ChannelReceiver, FrameChannel, Mark } from './frame-channel.ts';
import { discard } from './world/discard.ts';
import { FrameDecoder, encodeMark, frameHeader } from './frame-decoder.ts';

export interface StreamConnectionOptions extends ChannelConnectionOptions {
  /** Ends the stream at once where a connection is aborted; `stream.destroy()` where absent. */
  readonly reset?: (() => void) | undefined;
  /** Whether nobody else holds what is read from the stream, as with a socket that was accepted: its memory is then given back at once. By default it may be. */
  readonly ownsChunks?: boolean | undefined;
}

/** Bytes written and not yet taken by the system at which a stream takes no more, and at which it takes more again. */
const FULL_BYTES = 256 * 1024;
const WRITABLE_BYTES = FULL_BYTES / 2;
/** Frames up to this length are copied behind their length: cheaper than two writes, and the caller goes on at once. */
const COPIED_LENGTH = 8 * 1024;

/**
 * A connection over a stream of bytes, such as a socket: each frame goes with its length in four bytes before it. The stream must
 * stay open for writing after its reading end has ended (`allowHalfOpen`), and belongs to the connection from here on.
 */
export function streamConnection(stream: Duplex, options: StreamConnectionOptions): Connection {
  const reset = options.reset ?? (() => stream.destroy());
  const { maxFrameLength, ownsChunks = false } = options;
  const open = (receiver: ChannelReceiver) =>
    new StreamChannel(stream, { receiver, maxFrameLength, reset, ownsChunks });
  return new ChannelConnection(open, options);
}

/** Frames and marks over a stream. Short ones that are written in one turn of the event loop go out in one system call. */
class StreamChannel implements FrameChannel {
  readonly #stream: Duplex;
  readonly #receiver: ChannelReceiver;
  readonly #reset: () => void;
  #unwritten = 0;
  #isFull = false;
  #isCorked = false;
  /** Whether the receiver has been told the end, or does not want to be. */
  #hasEnded = false;

  constructor(
    stream: Duplex,
    options: { receiver: ChannelReceiver; maxFrameLength: number; reset: () => void; ownsChunks: boolean },
  ) {
    this.#stream = stream;
    this.#receiver = options.receiver;
    this.#reset = options.reset;
    const decoder = new FrameDecoder(options.maxFrameLength, {
      frame: (frame) => this.#hear((receiver) => receiver.frame(frame)),
      mark: (mark) => this.#hear((receiver) => receiver.mark(mark)),
    });
    stream.on('data', (chunk: Buffer) => {
      this.#take(decoder, chunk);
      if (options.ownsChunks) discard(chunk);
    });
    stream.on('end', () => this.#end());
    stream.on('error', (error) => this.#end(error));
    stream.on('close', () => this.#end());
    stream.resume();
    // Nobody would tell of an end that came before.
    if (stream.destroyed) process.nextTick(() => this.#end());
  }

  get canWrite(): boolean {
    return !this.#isFull;
  }

  writeFrame(frame: Uint8Array, taken: () => void): void {
    const header = frameHeader(frame.length);
    if (frame.length > COPIED_LENGTH) {
      this.#write(header);
      this.#write(frame, taken);
      this.#uncork();
      return;
    }
    this.#write(Buffer.concat([header, frame]));
    taken();
  }

  writeMark(mark: Mark): void {
    this.#write(encodeMark(mark));
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  finish(): void {
    this.#stream.end();
  }

  destroy(): void {
    this.#hasEnded = true;
    this.#reset();
  }

  #write(bytes: Uint8Array, taken?: () => void): void {
    this.#cork();
    this.#unwritten += bytes.length;
    if (this.#unwritten >= FULL_BYTES) this.#isFull = true;
    this.#stream.write(bytes, (error) => {
      this.#unwritten -= bytes.length;
      // An error is told by the stream's own event; a socket that is destroyed calls back without one for what it did not write.
      if (error instanceof Error || this.#stream.destroyed) return;
      taken?.();
      if (!this.#isFull || this.#unwritten > WRITABLE_BYTES) return;
      this.#isFull = false;
      this.#hear((receiver) => receiver.writable());
    });
  }

  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#stream.cork();
    // eslint-disable-next-line no-restricted-globals -- no time passes: this is the end of the turn
    setImmediate(() => this.#uncork());
  }

  #uncork(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#stream.uncork();
  }

  #take(decoder: FrameDecoder, chunk: Uint8Array): void {
    if (this.#hasEnded) return;
    try {
      decoder.push(chunk);
    } catch (error) {
      this.#end(toError(error));
    }
  }

  #hear(tell: (receiver: ChannelReceiver) => void): void {
    if (!this.#hasEnded) tell(this.#receiver);
  }

  #end(error?: Error): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#receiver.gone(error);
  }
}
