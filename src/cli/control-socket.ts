import { createServer, type Server, type Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import { toError } from '../kernel/index.ts';
import { makeControlPlace, type ControlPlace } from './control-path.ts';
import type { OutputEvent } from './events.ts';
import { LineSession } from './line-session.ts';
import { presentJson } from './present-json.ts';
import type { RunningNode } from './running-node.ts';

/** Connections served at once; one more is closed at once. */
const MAX_CONNECTIONS = 16;

/** Bytes of answers kept for a connection that does not read them; beyond, it is cut. */
const MAX_UNREAD = 64 * 1024 * 1024;

export interface ControlSocketOptions {
  readonly running: RunningNode;
  /** The shared folder: absolute, without links. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Where other programs of the same user give a running node commands: each connection speaks the `--json` lines. */
export class ControlSocket {
  readonly #place: ControlPlace;
  readonly #server: Server;
  readonly #sessions = new Map<Socket, LineSession>();

  private constructor(place: ControlPlace, server: Server) {
    this.#place = place;
    this.#server = server;
  }

  /** Listens; rejects with the system's error. Whatever a killed node left in the place is replaced. */
  static async open({ running, folder, environment }: ControlSocketOptions): Promise<ControlSocket> {
    const place = await makeControlPlace(folder, environment);
    // A client may end its side after its last command and still gets every answer.
    const server = createServer({ allowHalfOpen: true });
    const control = new ControlSocket(place, server);
    server.maxConnections = MAX_CONNECTIONS;
    server.on('connection', (socket) => void control.#serve(socket, running)); // Settles always: see #serve.
    try {
      await listenPrivately(server, place.path);
    } catch (error) {
      await place.release();
      throw error;
    }
    return control;
  }

  /** Where it listens. */
  get path(): string {
    return this.#place.path;
  }

  /** Takes no more connections, gives each its last answers, and ends them. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await Promise.all([...this.#sessions].map(([socket, session]) => endSession(socket, session)));
    await closed;
    await this.#place.release();
  }

  async #serve(socket: Socket, running: RunningNode): Promise<void> {
    socket.on('error', () => socket.destroy());
    const write = (event: OutputEvent) => {
      if (!socket.writable) return;
      socket.write(presentJson(event));
      if (socket.writableLength > MAX_UNREAD) socket.destroy();
    };
    const session = new LineSession({ running, input: socket, write, patient: false, skipEmpty: false });
    this.#sessions.set(socket, session);
    await session.run();
    if (this.#sessions.delete(socket)) await endSession(socket, session);
  }
}

async function endSession(socket: Socket, session: LineSession): Promise<void> {
  await session.close();
  socket.end();
  await finished(socket, { readable: false }).catch(toError);
  socket.destroy();
}

/** Listens so that the socket is never, not even for an instant, open to others than its owner. */
async function listenPrivately(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const before = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}
