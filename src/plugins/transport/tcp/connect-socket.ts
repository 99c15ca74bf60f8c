import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { KernelError } from '../../../kernel/index.ts';
import { readGreeting, type AddressFields } from '../../../kit/index.ts';
import { GREETING } from './greeting.ts';

export interface ConnectSocketOptions {
  readonly at: AddressFields;
  readonly keepAliveMs: number;
  /** What is read lies here while the socket's listeners for 'data' are called, and not after. Sockets may share it. */
  readonly buffer: Uint8Array;
  readonly signal: AbortSignal;
}

/** Connects and exchanges greetings; what fails or is given up leaves no socket behind. */
export async function connectSocket({ at, buffer, keepAliveMs, signal }: ConnectSocketOptions): Promise<Socket> {
  if (at.port === 0) throw new KernelError('ERR_DIAL_FAILED', 'nobody has port 0');
  const socket: Socket = connect({
    host: at.ip,
    port: at.port,
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveMs,
    // Node.js gives every 64 KiB that it reads memory of their own; so there is none to be had and given back, and more is read at once.
    onread: {
      buffer,
      callback: (length) => {
        socket.emit('data', buffer.subarray(0, length));
        return true;
      },
    },
  });
  // Whoever waits is told; at other times an error has nobody to go to, and would end the process.
  socket.on('error', () => undefined);
  try {
    await once(socket, 'connect', { signal });
    if (isOwnEnd(socket)) throw new KernelError('ERR_DIAL_FAILED', 'nobody listens there: the system met itself');
    socket.write(GREETING);
    await readGreeting(socket, GREETING, { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** TCP lets a socket connect to itself, where the port dialled is the one the system has just assigned to it. */
function isOwnEnd({ localAddress, localPort, remoteAddress, remotePort }: Socket): boolean {
  return localPort === remotePort && localAddress === remoteAddress;
}
