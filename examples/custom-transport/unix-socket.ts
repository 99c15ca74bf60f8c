import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { FRAME_OVERHEAD_ALLOWANCE, KernelError, MAX_FRAME_LENGTH, definePlugin, z } from 'peerhold';
import { ConnectionQueue, ListenerPlace, dialWithin, streamConnection } from 'peerhold/kit';

const maxFrameLength = MAX_FRAME_LENGTH + FRAME_OVERHEAD_ALLOWANCE;
const milliseconds = z.int().min(50).max(60_000);

export const unixSocket = definePlugin({
  name: 'unix-socket',
  kind: 'transport',
  about: 'Frames over Unix-domain sockets, between nodes of one machine; an address is the absolute path of a socket.',
  options: z.strictObject({ dialTimeoutMs: milliseconds.default(5_000).describe('How long a dial may take.') }),
  create: ({ dialTimeoutMs: timeoutMs }, { clock }) => {
    const place = new ListenerPlace();
    return {
      maxFrameLength,
      parse(text) {
        if (isAbsolute(text)) return text;
        throw new KernelError('ERR_ADDRESS', `${JSON.stringify(text)} is no absolute path of a socket`);
      },
      listen: (local, { signal } = {}) =>
        place.take(local, async (leave) => {
          const server = createServer({ allowHalfOpen: true });
          await once(server.listen(local), 'listening', { signal }).catch((cause: unknown) => {
            server.close();
            signal?.throwIfAborted();
            const code = String(cause).includes('EADDRINUSE') ? 'ERR_ADDRESS_IN_USE' : 'ERR_LISTEN_FAILED';
            throw new KernelError(code, `cannot listen on ${local}: ${String(cause)}`, { cause });
          });
          const listener = new ConnectionQueue(local, async () => {
            server.close(); // Not awaited: open connections live on.
            leave();
          });
          server.on('connection', (socket) =>
            listener.push(streamConnection(socket, { clock, maxFrameLength, local, remote: `client of ${local}` })),
          );
          return listener;
        }),
      dial: (remote, { signal } = {}) =>
        dialWithin({ clock, address: remote, timeoutMs, signal }, async (given) => {
          const socket = connect({ path: remote, allowHalfOpen: true, signal: given });
          await once(socket, 'connect');
          return streamConnection(socket, { clock, maxFrameLength, local: 'unbound', remote });
        }),
    };
  },
});

let tried = 0;
const socketPath = (name: number | string) => join(tmpdir(), `peerhold-${process.pid}-${name}.sock`);
/** How `peerhold conform` reaches it. */
export const conformance = { listen: () => socketPath(tried++), nobody: () => socketPath('nobody') };
