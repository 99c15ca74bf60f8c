import type { Duplex } from 'node:stream';
import { KernelError, type AbortOptions } from '../kernel/index.ts';
import { foreignAnswer } from './foreign-answer.ts';
import { recogniseProtocol } from './recognise-protocol.ts';

/**
 * The first bytes that both sides of a stream say, so that each knows what the other speaks. They end a request of HTTP, whose servers
 * then answer at once instead of waiting for more.
 *
 * @param name of the transport, @param version of its framing.
 */
export function streamGreeting(name: string, version: number): Uint8Array {
  return Buffer.from(`peerhold ${name}/${version}\r\n\r\n`, 'latin1');
}

/**
 * Reads the greeting and nothing after it; leaves the stream paused. Whoever calls destroys the stream where this fails.
 *
 * @throws ERR_TRANSPORT_DIFFERS saying what the other side's bytes look like; ERR_CONNECTION_LOST where it ends before; the signal's reason.
 */
export function readGreeting(stream: Duplex, greeting: Uint8Array, { signal }: AbortOptions = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const settle = (error?: Error) => {
      stream.off('data', take).off('end', end).off('close', end).off('error', fail);
      signal?.removeEventListener('abort', giveUp);
      stream.pause();
      if (error === undefined) resolve();
      else reject(error);
    };
    const take = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const compared = Math.min(received.length, greeting.length);
      if (received.compare(greeting, 0, compared, 0, compared) !== 0) {
        settle(foreignAnswer(`the answer looks like ${recogniseProtocol(received)}`));
        return;
      }
      if (received.length < greeting.length) return;
      settle();
      if (received.length > greeting.length) stream.unshift(received.subarray(greeting.length));
    };
    const end = () => settle(new KernelError('ERR_CONNECTION_LOST', 'the other side ended the connection unasked'));
    const fail = (cause: Error) => settle(new KernelError('ERR_CONNECTION_LOST', cause.message, { cause }));
    const giveUp = () => settle(signal?.reason as Error);
    stream.on('data', take).on('end', end).on('close', end).on('error', fail);
    signal?.addEventListener('abort', giveUp);
    if (stream.destroyed) end();
    else if (signal?.aborted === true) giveUp();
    else stream.resume();
  });
}
