import { createServer, type Socket } from 'node:net';
import {
  errorCode,
  toError,
  type AbortOptions,
  type Address,
  type Connection,
  type ErrorCode,
  type Listener,
} from '../../../kernel/index.ts';
import {
  ConnectionQueue,
  HalfOpenStreams,
  listenOn,
  parseSocketAddress,
  readGreeting,
  SourceLog,
  socketAddress,
} from '../../../kit/index.ts';
import { GREETING } from './greeting.ts';
import type { TcpOptions } from './tcp-transport.ts';

export interface OpenListenerOptions extends TcpOptions, AbortOptions {
  readonly address: Address;
  readonly toConnection: (socket: Socket) => Connection;
  /** Called when the listener closes. */
  readonly leave: () => void;
}

/** Listens, and queues whoever connects and says the greeting. */
export async function openListener(options: OpenListenerOptions): Promise<Listener> {
  const { clock, logger, keepAliveMs, greetingTimeoutMs, signal, address, backlog } = options;
  const halfOpen = new HalfOpenStreams({ clock, limit: options.halfOpen, timeoutMs: greetingTimeoutMs });
  const server = createServer({
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveMs,
  });
  server.maxConnections = options.maxConnections;
  const bound = await listenOn(server, { at: parseSocketAddress(address), address, backlog, signal });
  const listener = new ConnectionQueue(socketAddress(bound.ip, bound.port), async () => {
    // Not awaited to its end, which comes only when the last of the connections has ended.
    server.close();
    halfOpen.dropAll();
    options.leave();
  });
  const refusals = new SourceLog(logger, 'tcp.connection.refused');
  const refuse = (source = '', code: ErrorCode, reason: string) => refusals.add({ source, code, reason }, clock.now());
  server.on('connection', (socket) => {
    const { remoteAddress } = socket;
    socket.on('error', () => undefined);
    halfOpen.add(socket);
    admit(socket)
      .then(() => {
        halfOpen.release(socket);
        listener.push(options.toConnection(socket));
      })
      .catch((error: unknown) => refuse(remoteAddress, errorCode(error) ?? 'ERR_INTERNAL', toError(error).message));
  });
  server.on('drop', (drop) => refuse(drop?.remoteAddress, 'ERR_LIMIT', 'too many connections'));
  // Such as a lack of file descriptors: who was to be accepted is not, and the next one may be.
  server.on('error', (error) => logger.warn('tcp.accept.failed', { reason: error.message }));
  return listener;
}

/** Answers the greeting; also where another came, so that whoever dialled the wrong port learns what is here. */
async function admit(socket: Socket): Promise<void> {
  try {
    await readGreeting(socket, GREETING);
    socket.write(GREETING);
  } catch (error) {
    if (errorCode(error) === 'ERR_TRANSPORT_DIFFERS') socket.end(GREETING, () => socket.destroy());
    else socket.destroy();
    throw error;
  }
}
