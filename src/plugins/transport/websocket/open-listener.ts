import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { DropArgument, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { AbortOptions, Address, Connection, ErrorCode, Listener } from '../../../kernel/index.ts';
import {
  ConnectionQueue,
  HalfOpenStreams,
  listenOn,
  SourceLog,
  socketAddress,
  type AddressFields,
} from '../../../kit/index.ts';
import type { OpenWebSocket } from './connect-websocket.ts';
import { SUBPROTOCOL, socketOptions } from './protocol.ts';
import { refusalOf, type Refusal } from './upgrade-check.ts';
import { webAddressForm } from './web-address.ts';
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
/** Of a line in the log, in characters. */
const MAX_REASON = 200;

/** Listens, and queues whoever asks for a WebSocket of ours as it should be asked for. */
export async function openListener(options: OpenListenerOptions): Promise<Listener> {
  const { clock, logger, upgradeTimeoutMs, signal, address, at, path, backlog } = options;
  const refusals = new SourceLog(logger, 'websocket.connection.refused');
  const told = (source = '', reason: string, code: ErrorCode = 'ERR_TRANSPORT_DIFFERS') =>
    refusals.add({ source, code, reason: reason.slice(0, MAX_REASON) }, clock.now());
  const halfOpen = new HalfOpenStreams({ clock, limit: options.halfOpen, timeoutMs: upgradeTimeoutMs });
  const server = createHttpServer(options.maxConnections);
  const webSockets = new WebSocketServer({
    ...socketOptions(options.maxFrameLength),
    noServer: true,
    clientTracking: false,
    handleProtocols: () => SUBPROTOCOL,
  });
  const bound = await listenOn(server, { at, address, backlog, signal });
  const here = webAddressForm(path).join(address, { host: bound.ip, port: bound.port });
  const listener = new ConnectionQueue(here, async () => {
    // Not awaited to its end, which comes only when the last of the connections has ended.
    server.close();
    halfOpen.dropAll();
    options.leave();
  });
  server.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket;
    halfOpen.add(socket, () => told(remoteAddress, 'it asked for nothing'));
  });
  const turnAway = (socket: Duplex, source: string | undefined, refusal: Refusal) => {
    halfOpen.release(socket);
    refuse(socket, refusal);
    told(source, refusal.reason);
  };
  server.on('request', (request, response) => {
    halfOpen.release(request.socket);
    tellToUpgrade(response);
    told(request.socket.remoteAddress, 'it asked for a page');
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // A connection that broke off has nobody to answer.
    if (!socket.writable) return;
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    turnAway(socket, socket.remoteAddress, { status, reason: error.message });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const remote = socketAddress(socket.remoteAddress, socket.remotePort);
    const refusal = refusalOf(request, { path, origins: options.origins });
    socket.on('error', () => undefined);
    if (refusal !== undefined) {
      turnAway(socket, socket.remoteAddress, refusal);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      halfOpen.release(socket);
      const { localAddress: localIp, localPort } = socket;
      listener.push(options.toConnection({ webSocket, socket, localIp, localPort }, remote));
    });
  });
  webSockets.on('wsClientError', ({ message }, socket, { socket: { remoteAddress } }) =>
    turnAway(socket, remoteAddress, { status: '400 Bad Request', reason: message }),
  );
  server.on('drop', (drop?: DropArgument) => told(drop?.remoteAddress, 'too many connections', 'ERR_LIMIT'));
  // Such as a lack of file descriptors: who was to be accepted is not, and the next one may be.
  server.on('error', (error) => logger.warn('websocket.accept.failed', { reason: error.message }));
  return listener;
}

function createHttpServer(maxConnections: number): Server {
  const server = createServer({ noDelay: true, maxHeaderSize: MAX_HEADERS_BYTES });
  server.maxConnections = maxConnections;
  server.maxHeadersCount = MAX_HEADERS;
  return server;
}

/** Answers who asks for a page: there is none. */
function tellToUpgrade(response: ServerResponse): void {
  const headers = { connection: 'close', upgrade: 'websocket', 'content-type': 'text/plain' };
  response.writeHead(426, headers).end('This is a node of a peerhold network; it speaks WebSocket only.\n');
}

function refuse(socket: Duplex, { status, reason }: Refusal): void {
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n`;
  const body = `${reason}\n`;
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => socket.destroy());
}
