import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { toError, type Clock } from '../../kernel/index.ts';
import { AsyncQueue, deferred, sleep, withDeadline, type Deferred } from '../../kit/index.ts';
import type { ProcessFigures } from './report-figures.ts';

export interface WatchedProcessOptions {
  /** What `node` is given. */
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether it will be watched; without it nothing is added to the process. */
  readonly withFigures: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A process over some seconds. */
export interface IdleFigures {
  /** Share of one core. */
  readonly cpu: number;
  /** Bytes in RAM at the end. */
  readonly memoryBytes: number;
}

/** A line of output. */
export type JsonLine = Readonly<Record<string, unknown>>;

/** Longest wait for a line, or for figures, unless told otherwise. */
const PATIENCE_MS = 20_000;
/** Of what a process writes to standard error this many characters are kept for the message when it ends. */
const KEPT_OUTPUT = 2_000;
const FIGURES_MODULE = new URL(`report-figures.${import.meta.url.split('.').at(-1)}`, import.meta.url).href;

/** A Node.js process that prints JSON lines, of which the figures are watched. */
export class WatchedProcess {
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #lines = new AsyncQueue<string>();
  readonly #asked: Deferred<ProcessFigures>[] = [];
  #output = '';

  constructor({ words, environment, withFigures, clock, signal }: WatchedProcessOptions) {
    this.#clock = clock;
    this.#signal = signal;
    this.#child = spawn(process.execPath, withFigures ? ['--import', FIGURES_MODULE, ...words] : [...words], {
      env: environment,
      stdio: ['pipe', 'pipe', 'pipe', ...(withFigures ? (['ipc'] as const) : [])],
    });
    const { stdin, stdout, stderr } = this.#child;
    stdin?.on('error', () => undefined); // A process that is gone is noticed by its end.
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#output = (this.#output + text).slice(-KEPT_OUTPUT);
    });
    if (stdout !== null) createInterface({ input: stdout }).on('line', (line) => this.#lines.push(line));
    this.#child.on('message', (figures: ProcessFigures) => this.#asked.shift()?.resolve(figures));
    this.#child.on('error', (error) => this.#end(error));
    this.#child.on('close', (code, by) =>
      this.#end(new Error(`the process ended (${by ?? code}): ${this.#output.trim().split('\n').at(-1) ?? ''}`)),
    );
  }

  /** Its id. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The next JSON line whose `event` has this name; those before it are dropped. */
  async next(event: string): Promise<JsonLine> {
    return this.find(`the line ${event}`, (line) => line['event'] === event);
  }

  /** The next JSON line that fulfils a condition, which must come within so many milliseconds; those before it are dropped. */
  async find(what: string, matches: (line: JsonLine) => boolean, patienceMs = PATIENCE_MS): Promise<JsonLine> {
    return this.#within(what, patienceMs, async () => {
      for await (const line of this.#lines) {
        const value = JSON.parse(line) as JsonLine;
        if (matches(value)) return value;
      }
      throw new Error('the process ended');
    });
  }

  /** Gives it a line of input. */
  write(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Watches it for so long; where it was started with figures. */
  async watch(milliseconds: number): Promise<IdleFigures> {
    const [started, before] = [this.#clock.now(), await this.#figures()];
    await sleep(this.#clock, milliseconds, this.#signal);
    this.#signal.throwIfAborted();
    const after = await this.#figures();
    const seconds = (this.#clock.now() - started) / 1_000;
    return { cpu: (after.cpuSeconds - before.cpuSeconds) / seconds, memoryBytes: after.memoryBytes };
  }

  /** Sends it a signal. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends it at once. Idempotent. */
  async close(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  async #figures(): Promise<ProcessFigures> {
    const answer = deferred<ProcessFigures>();
    this.#asked.push(answer);
    // Where it is gone, its end settles what waits.
    this.#child.send({}, () => undefined);
    return this.#within('the figures', PATIENCE_MS, () => answer.promise);
  }

  #within<T>(what: string, patienceMs: number, work: () => Promise<T>): Promise<T> {
    const late = () => new Error(`${what} did not come within ${patienceMs / 1_000} s`);
    return withDeadline(this.#clock, patienceMs, late, this.#signal, work);
  }

  #end(error: unknown): void {
    this.#lines.end(toError(error));
    for (const waiting of this.#asked.splice(0)) waiting.reject(toError(error));
  }
}
