import { KernelError, type AbortOptions, type Session } from '../../kernel/index.ts';
import { AsyncQueue } from '../../kit/async-queue.ts';
import { abortable } from '../../kit/deadline.ts';
import { TUNNEL_FRAME_LENGTH } from '../transfer/transfer-peers.ts';

/** A frame on its way, and what its sender hears of it. */
export interface TunnelledFrame {
  readonly frame: Uint8Array;
  readonly sent: () => void;
  readonly failed: (error: Error) => void;
}

/** Frames of transfers that a peer may have on their way to a consumer that is slow; more ends the connection. */
const MAX_INCOMING_BYTES = 16 * 1024 * 1024;

/**
 * A session inside a direct connection, for transfers between nodes that cannot dial each other. What it sends waits until the connection
 * has nothing more urgent; closing it leaves the connection alone.
 */
export class Tunnel implements Session {
  readonly maxFrameLength = TUNNEL_FRAME_LENGTH;
  readonly #session: Session;
  readonly #wake: () => void;
  readonly #incoming = new AsyncQueue<Uint8Array>();
  readonly #outgoing: TunnelledFrame[] = [];
  /** The fate of the frame that was given last. */
  #last: Promise<void> = Promise.resolve();
  #incomingBytes = 0;
  #ended: Error | undefined;

  constructor(options: { readonly session: Session; readonly wake: () => void }) {
    this.#session = options.session;
    this.#wake = options.wake;
  }

  get peer() {
    return this.#session.peer;
  }
  get authenticated() {
    return this.#session.authenticated;
  }
  get local() {
    return this.#session.local;
  }
  get remote() {
    return this.#session.remote;
  }

  async send(frame: Uint8Array, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (this.#ended !== undefined) throw this.#ended;
    if (frame.length > TUNNEL_FRAME_LENGTH) {
      throw new KernelError('ERR_FRAME_TOO_LARGE', `${frame.length} bytes; a tunnel carries ${TUNNEL_FRAME_LENGTH}`);
    }
    const sent = new Promise<void>((resolve, reject) => this.#outgoing.push({ frame, sent: resolve, failed: reject }));
    this.#last = sent;
    this.#wake();
    await abortable(sent, signal);
  }

  async close(): Promise<void> {
    // A failure is told to whoever sent the frame; closing only waits.
    await this.#last.catch(() => undefined);
    this.abort(new KernelError('ERR_CLOSED', 'the tunnel was closed'));
  }

  abort(reason: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#incoming.end(reason);
    for (const waiting of this.#outgoing.splice(0)) waiting.failed(reason);
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for await (const frame of this.#incoming) {
      this.#incomingBytes -= frame.length;
      yield frame;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A frame of a transfer that came over the direct connection; throws ERR_LIMIT where the peer sends faster than it was asked to. */
  deliver(frame: Uint8Array): void {
    if (this.#ended !== undefined) return;
    this.#incomingBytes += frame.length;
    if (this.#incomingBytes > MAX_INCOMING_BYTES) {
      throw new KernelError(
        'ERR_LIMIT',
        `the peer sent over ${MAX_INCOMING_BYTES} bytes through the tunnel that nobody took yet`,
      );
    }
    this.#incoming.push(frame);
  }

  /** The next frame to be sent, if one waits: whoever takes it tells its fate, also where the tunnel ended meanwhile. */
  takeOutgoing(): TunnelledFrame | undefined {
    return this.#outgoing.shift();
  }
}
