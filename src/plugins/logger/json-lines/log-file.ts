import { basename, dirname } from 'node:path';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';
import type { Clock } from '../../../kernel/index.ts';

export interface LogFileOptions {
  /** Absolute. Directories that are missing are made; the file is for its owner only. */
  readonly path: string;
  /** Size from which on the file is set aside, as `<path>.1`, and begun anew, in bytes. */
  readonly maxBytes: number;
  /** How many files that were set aside are kept; the highest number is the oldest. */
  readonly keep: number;
  readonly clock: Clock;
  /** Hears that the file cannot be written, once until it can be again. */
  readonly onFailure: (error: Error) => void;
  /** The line that stands where lines are missing. */
  readonly describeLost: (lines: number) => string;
}

/** Characters that may wait for the disk; what comes above is lost, so that a slow disk does not fill the memory. */
const MAX_WAITING = 16 * 1024 * 1024;
/** Characters written at once. */
const MAX_BATCH = 256 * 1024;
/** How long a file that failed is left alone. */
const RETRY_MS = 10_000;

/** A file of lines that is rotated by size. Opened at the first line; nobody ever waits for it but who closes it. */
export class LogFile {
  readonly #options: LogFileOptions;
  #waiting: string[] = [];
  #waitingLength = 0;
  /** Lines that were given and will not be in the file. */
  #lost = 0;
  #stream: RotatingFileStream | undefined;
  #isWriting = false;
  #isFailing = false;
  #retryAt = -Infinity;
  #isClosed = false;
  #whenIdle: (() => void) | undefined;

  constructor(options: LogFileOptions) {
    this.#options = options;
  }

  /** Adds a line, without its line break. After `close` it goes nowhere. */
  write(line: string): void {
    if (this.#isClosed) return;
    if (this.#waitingLength + line.length > MAX_WAITING) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingLength += line.length;
    this.#writeNext();
  }

  /** Resolves when everything is written, or cannot be. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#isWriting) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream === undefined || stream.closed) return;
    await new Promise<void>((resolve) => stream.once('close', resolve).end());
  }

  /** Gives the stream what waits, in one piece: one call of the system for all that came while the last was on its way. */
  #writeNext(): void {
    if (this.#isWriting) return;
    if (this.#waiting.length === 0) {
      this.#whenIdle?.();
      return;
    }
    if (this.#options.clock.now() < this.#retryAt) {
      this.#lose(this.#takeBatch(Infinity).length);
      this.#whenIdle?.();
      return;
    }
    const lost = this.#lost;
    const lines = this.#takeBatch(MAX_BATCH);
    this.#lost = 0;
    const notice = lost === 0 ? [] : [this.#options.describeLost(lost)];
    const stream = (this.#stream ??= this.#open());
    this.#isWriting = true;
    stream.write(`${[...notice, ...lines].join('\n')}\n`, (error) => {
      this.#isWriting = false;
      if (error === null || error === undefined) this.#isFailing = false;
      else this.#fail(stream, error, lost + lines.length);
      this.#writeNext();
    });
  }

  #open(): RotatingFileStream {
    const { path, maxBytes, keep } = this.#options;
    const stream = createStream(basename(path), {
      path: dirname(path),
      size: `${maxBytes}B`,
      rotate: keep,
      mode: 0o600,
    });
    // Each failure comes with the write that failed; without a listener it would end the process.
    return stream.on('error', () => undefined);
  }

  #fail(stream: RotatingFileStream, error: Error, lines: number): void {
    this.#lose(lines);
    stream.destroy();
    this.#stream = undefined;
    this.#retryAt = this.#options.clock.now() + RETRY_MS;
    if (!this.#isFailing) this.#options.onFailure(error);
    this.#isFailing = true;
  }

  #lose(lines: number): void {
    this.#lost += lines;
  }

  /** The oldest waiting lines, at least one, of about this length together. */
  #takeBatch(maxLength: number): string[] {
    let length = 0;
    const tooMany = this.#waiting.findIndex((line) => (length += line.length) > maxLength);
    const batch = this.#waiting.splice(0, tooMany === -1 ? Infinity : Math.max(1, tooMany));
    for (const line of batch) this.#waitingLength -= line.length;
    return batch;
  }
}
