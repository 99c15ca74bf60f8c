import { createRequire } from 'node:module';
import type { HashResult } from '../../kernel/index.ts';
import { QuestionThread } from './question-thread.ts';

/** What the thread is asked. Requests of one stream are carried out in the order they were made; each is answered once. */
export type HashRequest = {
  readonly stream: number;
  /** Bytes of a piece, the same in all requests of a stream; 0 where pieces are not hashed. */
  readonly pieceLength: number;
} & ({ readonly type: 'update'; readonly bytes: Uint8Array } | { readonly type: 'digest' | 'discard' });

/**
 * What runs on the thread. Such a thread finds packages from the directory it was started in, so it is told where the one it needs was found
 * from here. A hashed chunk is sent into a channel that nobody has the other end of, which frees it at once: the garbage collector would let some 80 MB of
 * them gather.
 */
const SOURCE = `
const { createHash } = require('node:crypto');
const { MessageChannel, parentPort, workerData } = require('node:worker_threads');
const { Blake3Hasher } = require(workerData.blakeHash);
const { port1: nowhere, port2: otherEnd } = new MessageChannel();
otherEnd.close();
const streams = new Map();
const endPiece = (state) => {
  state.pieces.push(state.piece.digestBuffer());
  state.piece.reset();
  state.filled = 0;
};
const hashPieces = (state, bytes, pieceLength) => {
  for (let at = 0; at < bytes.length; ) {
    const part = bytes.subarray(at, at + pieceLength - state.filled);
    state.piece.update(part);
    at += part.length;
    state.filled += part.length;
    if (state.filled === pieceLength) endPiece(state);
  }
};
const resultOf = (state) => {
  if (state.filled > 0) endPiece(state);
  return { checksum: state.file.digest('hex'), pieces: new Uint8Array(Buffer.concat(state.pieces)) };
};
parentPort.on('message', ({ id, question: { stream, type, pieceLength, bytes } }) => {
  const state = streams.get(stream) ?? { file: createHash('sha256'), piece: new Blake3Hasher(), filled: 0, pieces: [] };
  if (type === 'update') {
    streams.set(stream, state);
    state.file.update(bytes);
    if (pieceLength > 0) hashPieces(state, bytes, pieceLength);
    nowhere.postMessage(null, [bytes.buffer]);
  } else {
    streams.delete(stream);
  }
  parentPort.postMessage({ id, answer: type === 'digest' ? resultOf(state) : undefined });
});
`;

/** The answer to what has no result. */
const NOTHING: HashResult = { checksum: '', pieces: new Uint8Array(0) };

/** One thread that hashes for any number of streams. It keeps the process alive only while it owes an answer. */
export class HashThread {
  readonly #thread: QuestionThread<HashRequest, HashResult | undefined>;

  constructor() {
    const blakeHash = createRequire(import.meta.url).resolve('@napi-rs/blake-hash');
    this.#thread = new QuestionThread({ source: SOURCE, name: 'hasher', workerData: { blakeHash } });
  }

  /** Whether the thread ended; it answers nothing any more. */
  get ended(): boolean {
    return this.#thread.ended;
  }

  /** Resolves with the result for a 'digest', else with an empty one. The bytes of an update are moved to the thread. */
  async ask(request: HashRequest): Promise<HashResult> {
    const moved = request.type === 'update' ? [request.bytes.buffer as ArrayBuffer] : [];
    return (await this.#thread.ask(request, moved)) ?? NOTHING;
  }

  /** Ends the thread; everybody who waits gets the error. */
  end(error: Error): Promise<void> {
    return this.#thread.end(error);
  }
}
