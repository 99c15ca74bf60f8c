import { Worker } from 'node:worker_threads';
import { KernelError } from '../../kernel/index.ts';

/** What the thread is asked. Requests of one stream are carried out in the order they were made; each is answered once. */
export type HashRequest =
  | { readonly stream: number; readonly type: 'update'; readonly bytes: Uint8Array }
  | { readonly stream: number; readonly type: 'digest' | 'discard' };

/**
 * What runs on the thread. A string, because a path to a file would have to differ between the built package, the tests (which run
 * the TypeScript sources) and a bundle; and short enough to be read as one. A hashed chunk is sent into a channel that nobody
 * has the other end of, which frees it at once: the garbage collector would let some 80 MB of them gather.
 */
const SOURCE = `
const { createHash } = require('node:crypto');
const { MessageChannel, parentPort } = require('node:worker_threads');
const { port1: nowhere, port2: otherEnd } = new MessageChannel();
otherEnd.close();
const hashes = new Map();
parentPort.on('message', ({ stream, type, bytes }) => {
  const hash = hashes.get(stream) ?? createHash('sha256');
  if (type === 'update') {
    hashes.set(stream, hash.update(bytes));
    nowhere.postMessage(null, [bytes.buffer]);
  } else {
    hashes.delete(stream);
  }
  parentPort.postMessage(type === 'digest' ? hash.digest('hex') : '');
});
`;

interface Waiter {
  resolve(answer: string): void;
  reject(error: Error): void;
}

/** One thread that computes SHA-256 for any number of streams. It keeps the process alive only while it owes an answer. */
export class HashThread {
  readonly #worker: Worker;
  /** Who waits, in the order of the requests, which is the order of the answers. */
  readonly #waiters: Waiter[] = [];
  #error: Error | undefined;

  constructor() {
    this.#worker = new Worker(SOURCE, { eval: true, name: 'peerhold-hasher' });
    this.#worker.unref();
    this.#worker.on('message', (answer: string) => this.#settleNext(answer));
    this.#worker.on('error', (cause) =>
      this.#fail(new KernelError('ERR_CLOSED', 'the hashing thread failed', { cause })),
    );
    this.#worker.on('exit', () => this.#fail(new KernelError('ERR_CLOSED', 'the hashing thread ended')));
  }

  /** Whether the thread ended; it answers nothing any more. */
  get ended(): boolean {
    return this.#error !== undefined;
  }

  /** Resolves with the checksum for a 'digest', else with ''. The bytes of an update are moved to the thread. */
  ask(request: HashRequest): Promise<string> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      this.#worker.postMessage(request, request.type === 'update' ? [request.bytes.buffer as ArrayBuffer] : []);
      this.#waiters.push({ resolve, reject });
      if (this.#waiters.length === 1) this.#worker.ref();
    });
  }

  /** Ends the thread; everybody who waits gets the error. */
  async end(error: Error): Promise<void> {
    this.#fail(error);
    await this.#worker.terminate();
  }

  #settleNext(answer: string): void {
    this.#waiters.shift()?.resolve(answer);
    if (this.#waiters.length === 0) this.#worker.unref();
  }

  #fail(error: Error): void {
    this.#error ??= error;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#error);
    this.#worker.unref();
  }
}
