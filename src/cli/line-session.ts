import type { Readable } from 'node:stream';
import { KernelError } from '../kernel/index.ts';
import { CommandSession } from './command-session.ts';
import type { OutputEvent } from './events.ts';
import { LineSplitter } from './read-lines.ts';
import type { RunningNode } from './running-node.ts';

/** Lines of one input that may wait for their final event; more are read when some have ended. */
const MAX_PENDING = 64;

export interface LineSessionOptions {
  readonly running: RunningNode;
  readonly input: Readable;
  /** Puts out one event. */
  readonly write: (event: OutputEvent) => void;
  /** See CommandSessionOptions. */
  readonly patient: boolean;
  /** Whether empty lines are passed over, not counted; otherwise each is a wrong command, so that whoever counts lines stays right. */
  readonly skipEmpty: boolean;
}

/** Commands one a line from a stream, their events to a function: standard input without a terminal, or a control connection. */
export class LineSession {
  readonly #options: LineSessionOptions;
  readonly #session: CommandSession;
  readonly #splitter = new LineSplitter();
  readonly #unsubscribe: () => void;
  readonly #closing = new AbortController();
  #saidClosed = false;

  constructor(options: LineSessionOptions) {
    const { running, patient } = options;
    this.#options = options;
    this.#session = new CommandSession({ running, patient, emit: (event) => this.#answer(event) });
    this.#unsubscribe = running.subscribe(options.write);
    options.write(running.ready);
  }

  /** Reads to the end of the input, or until `close`; resolves when every line has got its final event. Called once. */
  async run(): Promise<void> {
    await this.#read();
    await this.#session.settled();
  }

  /** Stops reading, lets every line have its final event, and tells of the node's end where none of them did. The input stays open. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#session.close();
    this.#unsubscribe();
    if (this.#options.running.leaving.aborted && !this.#saidClosed) this.#options.write({ event: 'closed' });
  }

  async #read(): Promise<void> {
    const { input } = this.#options;
    const { signal } = this.#closing;
    const take = (chunk: Uint8Array) => this.#take(this.#splitter.push(chunk));
    await new Promise<void>((resolve) => {
      const end = () => resolve();
      // A failing input ends like any other: no more commands come from it. 'close' follows 'error'.
      input.on('data', take).once('end', end).once('error', end).once('close', end);
      signal.addEventListener('abort', end, { once: true });
    });
    input.off('data', take).pause();
    if (!signal.aborted) this.#take(this.#splitter.end());
  }

  #take(lines: readonly (string | KernelError)[]): void {
    for (const line of lines) {
      if (line instanceof KernelError) this.#session.refuse(line);
      else if (!this.#options.skipEmpty || line.trim() !== '') this.#session.submit(line);
    }
    if (this.#session.pending >= MAX_PENDING) this.#options.input.pause();
  }

  #answer(event: OutputEvent): void {
    this.#saidClosed ||= event.event === 'closed';
    this.#options.write(event);
    const { input } = this.#options;
    if (input.isPaused() && this.#session.pending < MAX_PENDING && !this.#closing.signal.aborted) input.resume();
  }
}
