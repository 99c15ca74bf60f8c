import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { KernelError, type Address } from '../../../kernel/index.ts';
import { foreignAnswer, recogniseProtocol } from '../../../kit/index.ts';
import { SUBPROTOCOL, socketOptions } from './protocol.ts';

/** A WebSocket that is open, and what it speaks over. */
export interface OpenWebSocket {
  readonly webSocket: WebSocket;
  readonly socket: Duplex;
  readonly localIp: string | undefined;
  readonly localPort: number | undefined;
}

export interface ConnectWebSocketOptions {
  readonly address: Address;
  readonly maxFrameLength: number;
  readonly signal: AbortSignal;
}

/** What a proxy answers where nobody is behind it. */
const NOBODY_BEHIND = new Set([502, 503, 504]);

/**
 * Opens a WebSocket with our subprotocol; what fails or is given up leaves none behind.
 *
 * @throws ERR_TRANSPORT_DIFFERS, the signal's reason, or what the system says.
 */
export function connectWebSocket({ address, maxFrameLength, signal }: ConnectWebSocketOptions): Promise<OpenWebSocket> {
  return new Promise((resolve, reject) => {
    const webSocket = new WebSocket(address, SUBPROTOCOL, socketOptions(maxFrameLength));
    let upgraded: IncomingMessage | undefined;
    const settle = (error?: Error) => {
      signal.removeEventListener('abort', giveUp);
      if (error === undefined) return;
      webSocket.terminate();
      reject(error);
    };
    const giveUp = () => settle(signal.reason as Error);
    webSocket.on('upgrade', (response) => (upgraded = response));
    webSocket.on('unexpected-response', (_, response) => settle(answerError(response)));
    // Stays for as long as the WebSocket, whose errors would otherwise end the process.
    webSocket.on('error', (error) => settle(connectError(error)));
    webSocket.on('open', () => {
      settle();
      if (upgraded === undefined) return;
      const { socket } = upgraded;
      resolve({ webSocket, socket, localIp: socket.localAddress, localPort: socket.localPort });
    });
    signal.addEventListener('abort', giveUp);
  });
}

function answerError({ statusCode = 0, headers }: IncomingMessage): KernelError {
  const name = headers.server?.toString().slice(0, 40);
  const server = name === undefined ? '' : ` (${name})`;
  if (NOBODY_BEHIND.has(statusCode)) {
    return new KernelError('ERR_DIAL_FAILED', `the proxy there${server} reaches no node: HTTP status ${statusCode}`);
  }
  return foreignAnswer(`an HTTP server${server} answers with status ${statusCode}`);
}

/** Errors of ws, of the HTTP parser and of TLS, which all stand for an answer in another protocol; the rest is the system's. */
function connectError(error: Error): Error {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code.startsWith('HPE_')) {
    const packet = 'rawPacket' in error && error.rawPacket instanceof Uint8Array ? error.rawPacket : new Uint8Array(0);
    return foreignAnswer(`the answer looks like ${recogniseProtocol(packet)}`, error);
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return foreignAnswer(tlsTrouble(error), error);
  const isOfHandshake = /^(Server sent|Invalid (Sec-WebSocket|Upgrade))/.test(error.message);
  return isOfHandshake ? foreignAnswer(`a WebSocket server answers, but: ${error.message}`, error) : error;
}

/** An alert is said in TLS; whatever else OpenSSL objects to came from somebody who does not speak it. */
function tlsTrouble({ message }: Error): string {
  const [, alert] = /:([^:]*alert[^:]*):/.exec(message) ?? [];
  return alert === undefined ? 'the answer is no TLS' : `a TLS server answers, but: ${alert}`;
}
