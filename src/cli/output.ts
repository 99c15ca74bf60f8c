import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { KernelError, toError, type TextOutput } from '../kernel/index.ts';

/** A stream that may be a terminal's. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/**
 * A stream to write text to that outlives its reader: where nobody reads any more (`peerhold profiles | head -1`, a closed
 * terminal), what is written goes nowhere and the program goes on.
 */
export class StreamOutput implements TextOutput {
  readonly isTerminal: boolean;
  /** The stream itself, for what moves a terminal's cursor. */
  readonly stream: OutputStream;
  #broken = false;

  constructor(stream: OutputStream) {
    this.stream = stream;
    this.isTerminal = stream.isTTY === true;
    stream.on('error', () => (this.#broken = true));
  }

  write(text: string): void {
    if (!this.#broken) this.stream.write(text);
  }

  /** Resolves when everything written was handed to the system, or can no longer be. */
  async flush(): Promise<void> {
    if (this.#broken || this.stream.writableLength === 0) return;
    await new Promise<void>((resolve) => this.stream.write('', () => resolve()));
  }
}

/** A TextOutput whose target may change: log lines go to standard error until a prompt is there to print them above itself. */
export class SwitchedOutput implements TextOutput {
  readonly isTerminal: boolean;
  readonly #first: TextOutput;
  #write: ((text: string) => void) | undefined;

  constructor(first: TextOutput) {
    this.#first = first;
    this.isTerminal = first.isTerminal;
  }

  /** Sends what follows elsewhere; with `undefined` to the first target again. */
  redirect(write: ((text: string) => void) | undefined): void {
    this.#write = write;
  }

  write(text: string): void {
    if (this.#write === undefined) this.#first.write(text);
    else this.#write(text);
  }
}

/**
 * Opens a log file, made for its owner only where it is missing, to add to it.
 *
 * @throws ERR_DISK with the path where it cannot be written.
 */
export async function openLogFile(path: string): Promise<StreamOutput> {
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
  try {
    await once(stream, 'open');
  } catch (cause) {
    throw new KernelError('ERR_DISK', `the log file ${path} cannot be written: ${toError(cause).message}`, { cause });
  }
  return new StreamOutput(stream);
}
