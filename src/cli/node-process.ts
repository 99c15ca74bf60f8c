import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { KernelError, toError, type Address, type Clock, type NodeId } from '../kernel/index.ts';
import { withDeadline } from '../kit/index.ts';
import type { CommandResult, OutputEvent } from './events.ts';
import { MAIN_FILE } from './installation.ts';
import { LineSplitter } from './read-lines.ts';

export interface NodeProcessOptions {
  /** The folder it shares. */
  readonly folder: string;
  /** Further flags of `peerhold start`. */
  readonly flags?: readonly string[];
  /** The shared key; in the environment, so that the user's own is not used. */
  readonly key: string;
  readonly clock: Clock;
  /** Further environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The program; this one unless told otherwise. */
  readonly program?: string;
  /** The words that it is started with, such as `ip netns exec NAME`: a program that becomes the one it is told to run. None by default. */
  readonly launcher?: readonly string[];
  /** Kills the process, whether it is ready or not yet. */
  readonly signal?: AbortSignal;
  /** Milliseconds within which it has to become ready: 20,000 unless told otherwise. */
  readonly readyMs?: number;
}

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

type Result<Name> = Extract<CommandResult, { event: Name }>;
type ReadyEvent = Extract<OutputEvent, { event: 'ready' }>;
type Listener = (event: OutputEvent) => void;

const START_MS = 20_000;
const COMMAND_MS = 60_000;
const EVENT_MS = 30_000;
/** What is kept of a process's standard error, in characters, for the message when it fails. */
const MAX_STDERR = 64 * 1024;
/** Longest line it may print: a list of thousands of files. */
const MAX_EVENT_LENGTH = 64 * 1024 * 1024;

/** A node in a process of its own, driven through the JSON lines of `peerhold start --json`. */
export class NodeProcess {
  /** Every event so far, in order. */
  readonly events: OutputEvent[] = [];
  readonly folder: string;
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #clock: Clock;
  readonly #listeners = new Set<Listener>();
  readonly #hasEnded = new AbortController();
  #commands = 0;
  #stderr = '';

  private constructor(options: NodeProcessOptions) {
    const { folder, flags = [], key, clock, environment, program = MAIN_FILE, launcher = [], signal } = options;
    this.folder = folder;
    this.#clock = clock;
    const started = [process.execPath, program, 'start', folder, '--json', ...flags];
    const [file = process.execPath, ...words] = [...launcher, ...started];
    this.#child = spawn(file, words, {
      env: { ...process.env, PEERHOLD_KEY: key, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      killSignal: 'SIGKILL',
      ...(signal === undefined ? {} : { signal }),
    });
    this.#child.stdin.on('error', () => undefined); // A process that is gone is noticed by its end.
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-MAX_STDERR);
    });
    const splitter = new LineSplitter(MAX_EVENT_LENGTH);
    this.#child.stdout.on('data', (chunk: Buffer) => this.#receive(splitter.push(chunk)));
    this.ended = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null) => {
        this.#hasEnded.abort(
          new KernelError(
            'ERR_CLOSED',
            `the node of ${folder} has ended (${signal ?? `exit code ${code ?? '?'}`}): ${this.#stderr}`,
          ),
        );
        resolve({ code, signal });
      };
      this.#child.once('close', end);
      this.#child.once('error', (error) => {
        this.#stderr += error.message;
        end(null, null);
      });
    });
  }

  /** Starts a node and waits until it is ready; where it does not become so, its process has ended when the call rejects. */
  static async start(options: NodeProcessOptions): Promise<NodeProcess> {
    const node = new NodeProcess(options);
    try {
      await node.waitFor('ready', () => true, options.readyMs ?? START_MS);
    } catch (error) {
      await node.kill();
      throw error;
    }
    return node;
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get ready(): ReadyEvent {
    const ready = this.events.find((event): event is ReadyEvent => event.event === 'ready');
    if (ready === undefined) throw new KernelError('ERR_NOT_RUNNING', `the node of ${this.folder} is not ready yet`);
    return ready;
  }

  get id(): NodeId {
    return this.ready.id;
  }

  get address(): Address {
    return this.ready.address;
  }

  /** The end of what it wrote to standard error. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Gives a command; resolves to its final event, whether that is an error or not. */
  command(line: string, timeoutMs: number = COMMAND_MS): Promise<OutputEvent> {
    const command = (this.#commands += 1);
    this.#child.stdin.write(`${line}\n`);
    return this.#next((event) => event.command === command, `the answer to ${line}`, timeoutMs);
  }

  /** Gives a command that must succeed: resolves to its final event of this name, rejects with any other. */
  async expect<Name extends CommandResult['event']>(
    name: Name,
    line: string,
    timeoutMs?: number,
  ): Promise<Result<Name>> {
    const event = await this.command(line, timeoutMs);
    if (event.event !== name)
      throw new KernelError('ERR_INTERNAL', `${line}: expected ${name}, got ${JSON.stringify(event)}`);
    return event as unknown as Result<Name>;
  }

  /** The first event of a name, past or to come, that fulfils a condition. */
  async waitFor<Name extends OutputEvent['event']>(
    name: Name,
    condition: (event: Extract<OutputEvent, { event: Name }>) => boolean,
    timeoutMs: number = EVENT_MS,
  ): Promise<Extract<OutputEvent, { event: Name }>> {
    type Wanted = Extract<OutputEvent, { event: Name }>;
    const matches = (event: OutputEvent) => event.event === name && condition(event as Wanted);
    const found = this.events.find(matches) ?? (await this.#next(matches, `the event ${name}`, timeoutMs));
    return found as Wanted;
  }

  /** Ends its standard input. */
  endInput(): void {
    this.#child.stdin.end();
  }

  /** Sends a signal, SIGKILL unless told otherwise, and waits for the end. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<ProcessEnd> {
    this.#child.kill(signal);
    return this.ended;
  }

  #receive(lines: readonly (string | KernelError)[]): void {
    for (const line of lines) {
      let event: OutputEvent;
      try {
        if (line instanceof KernelError) throw line;
        event = JSON.parse(line) as OutputEvent;
      } catch (cause) {
        const message = `the node of ${this.folder} printed what is no JSON line: ${toError(cause).message}`;
        this.#hasEnded.abort(new KernelError('ERR_INTERNAL', message, { cause }));
        return;
      }
      this.events.push(event);
      for (const listener of [...this.#listeners]) listener(event);
    }
  }

  async #next(matches: (event: OutputEvent) => boolean, what: string, timeoutMs: number): Promise<OutputEvent> {
    const late = () => new KernelError('ERR_INTERNAL', `${what} of ${this.folder} did not come in ${timeoutMs} ms`);
    let listener: Listener = () => undefined;
    try {
      return await withDeadline(
        this.#clock,
        timeoutMs,
        late,
        this.#hasEnded.signal,
        () =>
          new Promise<OutputEvent>((resolve) => {
            listener = (event) => (matches(event) ? resolve(event) : undefined);
            this.#listeners.add(listener);
          }),
      );
    } finally {
      this.#listeners.delete(listener);
    }
  }
}
