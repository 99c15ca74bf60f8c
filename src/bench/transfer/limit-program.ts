import { once } from 'node:events';
import { open, type FileHandle } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { Blake3Stream } from '../../kit/blake3.ts';

/**
 * What a program that moves one file could do here at best, with as little of its own as there can be: no names, no messages, no second file, no
 * resuming. `sealed` is Node.js' own TLS under a key both have beforehand, and BLAKE3 of what comes; `plain` is a TCP socket and no hash. A connection
 * carries one file, and its end is the file's.
 */
export type LimitForm = 'sealed' | 'plain';

const LOOPBACK = '127.0.0.1';
/** Bytes read at once, and how many such are read ahead of the socket. Small enough that their memory is used again before it leaves the caches. */
const READ_LENGTH = 256 * 1024;
const READ_AHEAD = 4;
/** Bytes that are hashed as one piece, and that are gathered before they are written. */
const PIECE_LENGTH = 256 * 1024;
const WRITE_LENGTH = 1024 * 1024;

/** RFC 5487, section 3.1: AES-256-GCM under a pre-shared key alone. Node.js has these for TLS 1.2 only; the records are those of 1.3 but for a few bytes. */
const TLS = { ciphers: 'PSK-AES256-GCM-SHA384', maxVersion: 'TLSv1.2' } as const;
/** No secret: both ends are this program, on one machine. */
const KEY = Buffer.alloc(32, 7);

/** Sends a file to whoever connects. Resolves to the port; it goes on until the process ends. */
export async function serveFile(form: LimitForm, path: string): Promise<number> {
  const send = (socket: Socket) => {
    // Whoever receives finds out that too little came.
    sendFile(socket, path).catch(() => socket.destroy());
  };
  const server: Server =
    form === 'sealed' ? createTlsServer({ ...TLS, pskCallback: () => KEY }, send) : createServer(send);
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  server.unref();
  return (server.address() as AddressInfo).port;
}

/** Fetches the file that is served at a port into a new one. Resolves when that is on the disk. */
export async function fetchFile(form: LimitForm, port: number, path: string): Promise<void> {
  await using file = await open(path, 'wx');
  const sealed = () =>
    connectTls({
      ...TLS,
      port,
      host: LOOPBACK,
      pskCallback: () => ({ psk: KEY, identity: 'limit' }),
      checkServerIdentity: () => undefined,
    });
  const socket = form === 'sealed' ? sealed() : connect(port, LOOPBACK);
  await receiveFile(socket, file, form === 'sealed' ? new PieceHashes() : undefined);
  await file.sync();
}

async function sendFile(socket: Socket, path: string): Promise<void> {
  socket.on('error', () => undefined); // The write that fails tells of it.
  await using file = await open(path);
  const buffers = Array.from({ length: READ_AHEAD }, () => Buffer.allocUnsafeSlow(READ_LENGTH));
  const written = buffers.map(() => Promise.resolve());
  for (let turn = 0; ; turn = (turn + 1) % READ_AHEAD) {
    const buffer = buffers[turn] as Buffer;
    await written[turn];
    const { bytesRead } = await file.read(buffer, 0, READ_LENGTH);
    if (bytesRead === 0) break;
    const taken = write(socket, buffer.subarray(0, bytesRead));
    taken.catch(() => undefined); // Awaited when its turn comes again, or at the end.
    written[turn] = taken;
  }
  await Promise.all(written);
  socket.end();
}

function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error instanceof Error ? reject(error) : resolve()));
  });
}

/** Writes go on while the next bytes come, one at a time. */
async function receiveFile(socket: Socket, file: FileHandle, hashes: PieceHashes | undefined): Promise<void> {
  let gathered: Buffer[] = [];
  let length = 0;
  let writing = Promise.resolve();
  const flush = async () => {
    await writing;
    writing = writeAll(file, gathered, length);
    writing.catch(() => undefined); // Awaited before the next, or at the end.
    gathered = [];
    length = 0;
  };
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    hashes?.update(chunk);
    gathered.push(chunk);
    length += chunk.length;
    if (length >= WRITE_LENGTH) await flush();
  }
  if (length > 0) await flush();
  await writing;
}

async function writeAll(file: FileHandle, chunks: readonly Buffer[], length: number): Promise<void> {
  const { bytesWritten } = await file.writev(chunks);
  if (bytesWritten !== length) throw new Error(`the disk took ${bytesWritten} of ${length} bytes`);
}

/** BLAKE3 of each piece, as one who verifies would compute it; there is nothing here to compare it with. */
class PieceHashes {
  readonly #hash = new Blake3Stream();
  #missing = PIECE_LENGTH;

  update(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length >= this.#missing) {
      this.#hash.update(rest.subarray(0, this.#missing));
      rest = rest.subarray(this.#missing);
      this.#hash.take();
      this.#missing = PIECE_LENGTH;
    }
    if (rest.length === 0) return;
    this.#hash.update(rest);
    this.#missing -= rest.length;
  }
}
