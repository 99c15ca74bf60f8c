import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { DropArgument, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { AbortOptions, Address, Connection, Listener } from '../../../kernel/index.ts';
import { ConnectionQueue, HalfOpenStreams, listenOn, socketAddress, type AddressFields } from '../../../kit/index.ts';
import type { OpenWebSocket } from './connect-websocket.ts';
import { SUBPROTOCOL, socketOptions } from './protocol.ts';
import { refusalOf, type Refusal } from './upgrade-check.ts';
import { joinWebAddress } from './web-address.ts';
import type { WebSocketOptions } from './websocket-transport.ts';

export interface OpenListenerOptions extends WebSocketOptions, AbortOptions {
  readonly address: Address;
  readonly at: AddressFields;
  readonly toConnection: (open: OpenWebSocket, remote: Address) => Connection;
  /** Called when the listener closes. */
  readonly leave: () => void;
}

const MAX_HEADERS_BYTES = 8 * 1024;
const MAX_HEADERS = 64;

/** Listens, and queues whoever asks for a WebSocket of ours as it should be asked for. */
export async function openListener(options: OpenListenerOptions): Promise<Listener> {
  const { clock, logger, upgradeTimeoutMs, signal, address, at, path, backlog } = options;
  const halfOpen = new HalfOpenStreams({ clock, limit: options.halfOpen, timeoutMs: upgradeTimeoutMs });
  const server = createHttpServer(options.maxConnections);
  const webSockets = new WebSocketServer({
    ...socketOptions(options.maxFrameLength),
    noServer: true,
    clientTracking: false,
    handleProtocols: () => SUBPROTOCOL,
  });
  const bound = await listenOn(server, { at, address, backlog, signal });
  const listener = new ConnectionQueue(joinWebAddress(bound, path), async () => {
    // Not awaited to its end, which comes only when the last of the connections has ended.
    server.close();
    halfOpen.dropAll();
    options.leave();
  });
  const refused = (remote: Address, reason: string) =>
    logger.debug('websocket.connection.refused', { remote, reason: reason.slice(0, 200) });
  server.on('connection', (socket: Socket) => halfOpen.add(socket));
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const remote = socketAddress(socket.remoteAddress, socket.remotePort);
    const refusal = refusalOf(request, { path, origins: options.origins });
    socket.on('error', () => undefined);
    if (refusal !== undefined) {
      refuse(socket, refusal);
      refused(remote, refusal.reason);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      halfOpen.release(socket);
      const { localAddress: localIp, localPort } = socket;
      listener.push(options.toConnection({ webSocket, socket, localIp, localPort }, remote));
    });
  });
  webSockets.on('wsClientError', (error, socket, { socket: { remoteAddress, remotePort } }) => {
    refuse(socket, { status: '400 Bad Request', reason: error.message });
    refused(socketAddress(remoteAddress, remotePort), error.message);
  });
  server.on('drop', (drop?: DropArgument) =>
    refused(socketAddress(drop?.remoteAddress, drop?.remotePort), 'too many connections'),
  );
  // Such as a lack of file descriptors: who was to be accepted is not, and the next one may be.
  server.on('error', (error) => logger.warn('websocket.accept.failed', { reason: error.message }));
  return listener;
}

function createHttpServer(maxConnections: number): Server {
  const server = createServer({ noDelay: true, maxHeaderSize: MAX_HEADERS_BYTES }, tellToUpgrade);
  server.maxConnections = maxConnections;
  server.maxHeadersCount = MAX_HEADERS;
  return server;
}

/** Answers who asks for a page: there is none. */
function tellToUpgrade(_: IncomingMessage, response: ServerResponse): void {
  const headers = { connection: 'close', upgrade: 'websocket', 'content-type': 'text/plain' };
  response.writeHead(426, headers).end('This is a node of a peerhold network; it speaks WebSocket only.\n');
}

function refuse(socket: Duplex, { status, reason }: Refusal): void {
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n`;
  const body = `${reason}\n`;
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => socket.destroy());
}
