import { readFile } from 'node:fs/promises';
import { NodeProcess, type ProcessEnd } from '../../src/cli/node-process.ts';
import type { OutputEvent } from '../../src/cli/events.ts';
import { errorCode, toError, type Clock, type NodeId } from '../../src/kernel/index.ts';
import type { Host } from './chaos-network.ts';
import { falseClaims } from './false-claims.ts';

export interface ChaosNodeOptions {
  readonly name: string;
  /** The label on its files. */
  readonly user: string;
  /** What it shares, and where its log goes. */
  readonly folder: string;
  readonly logFile: string;
  readonly host: Host;
  /** The config of all nodes, and their key. */
  readonly config: string;
  readonly key: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The built program. */
  readonly program: string;
  readonly clock: Clock;
  /** Hears of what no node may do. */
  readonly onProblem: (problem: string) => void;
}

/** What no log of a node says, whatever is done to it: an error, or a mistake of the program. */
const WRONG = / ERROR |ERR_INTERNAL|\b(?:Type|Range|Reference|Syntax|Assertion)Error\b|[Uu]nhandled|[Uu]ncaught/;
/** Of one log so many wrong lines are shown. */
const SHOWN_LINES = 5;

/** One node over all its runs. What starts and ends a process happens in turn, whoever asks for it when. */
export class ChaosNode {
  readonly name: string;
  readonly user: string;
  readonly folder: string;
  readonly #options: ChaosNodeOptions;
  #process: NodeProcess | undefined;
  /** Whether the process is being ended from outside. */
  #isEnding = false;
  #isStopped = false;
  #turn: Promise<void> = Promise.resolve();
  #id: NodeId | undefined;

  constructor(options: ChaosNodeOptions) {
    this.#options = options;
    this.name = options.name;
    this.user = options.user;
    this.folder = options.folder;
  }

  /** Who it is, from its first start on. */
  get id(): NodeId | undefined {
    return this.#id;
  }

  /** The process, while it runs and nobody ends it; a stopped one runs. */
  get running(): NodeProcess | undefined {
    return this.#isEnding ? undefined : this.#process;
  }

  /** Starts it, unless it runs; resolves when it is ready. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#process !== undefined) return;
      const { folder, user, logFile, host, config, key, clock, program, environment } = this.#options;
      const log = ['--log-level', 'info', '--log-file', logFile];
      const process = await NodeProcess.start({
        ...{ folder, key, clock, program, environment, launcher: host.launcher },
        flags: ['--config', config, '--user', user, '--exit-on-eof', ...log, ...host.flags],
      });
      this.#process = process;
      this.#id = process.id;
      // Resolves however it ends.
      void process.ended.then((end) => this.#noticeEnd(process, end));
    });
  }

  /** Has its process die at once; resolves when it has, and what it left was looked at. */
  kill(): Promise<void> {
    return this.#end(async (process) => {
      await process.kill();
      await this.#tellFalseClaims({ died: true });
    });
  }

  /** Has it say BYE; resolves when it has ended. */
  leave(): Promise<void> {
    return this.#end(async (process) => {
      await process.expect('closed', 'BYE');
      const { code, signal } = await process.ended;
      if (code !== 0) this.#tell(`ended its BYE with ${signal ?? `exit code ${String(code)}`}`);
      await this.#tellFalseClaims({ died: false });
    });
  }

  /** Takes all time from the process, until `resume`. Returns whether there was one to take it from. */
  stop(): boolean {
    const process = this.running;
    if (process === undefined || this.#isStopped) return false;
    this.#isStopped = true;
    signal(process, 'SIGSTOP');
    return true;
  }

  resume(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    if (this.#process !== undefined) signal(this.#process, 'SIGCONT');
  }

  /** Gives a command; resolves to how it ended, `undefined` where the process ended before it did. Tells of what no command may end with. */
  async command(line: string): Promise<OutputEvent | undefined> {
    const process = this.running;
    if (process === undefined) return undefined;
    try {
      const answer = await process.command(line);
      if (answer.event === 'error' && answer.code === 'ERR_INTERNAL') this.#tell(`${line}: ${answer.message}`);
      return answer;
    } catch (error) {
      if (errorCode(error) !== 'ERR_CLOSED') this.#tell(`${line}: ${toError(error).message}`);
      return undefined;
    }
  }

  /** Lines of its log that are not to be there. */
  async wrongLogLines(): Promise<string[]> {
    const text = await readFile(this.#options.logFile, 'utf8').catch(() => '');
    const wrong = text.split('\n').filter((line) => WRONG.test(line));
    return wrong.slice(0, SHOWN_LINES).map((line) => `${this.name} logged ${line}`);
  }

  async #end(work: (process: NodeProcess) => Promise<void>): Promise<void> {
    await this.#inTurn(async () => {
      const process = this.#process;
      if (process === undefined) return;
      this.#isEnding = true;
      try {
        await work(process);
      } finally {
        await process.kill();
        this.#isEnding = false;
        this.#isStopped = false;
        this.#process = undefined;
      }
    });
  }

  #noticeEnd(process: NodeProcess, { code, signal: by }: ProcessEnd): void {
    if (process.stderr !== '') this.#tell(`wrote to standard error: ${process.stderr}`);
    if (this.#isEnding || process !== this.#process) return;
    this.#process = undefined;
    this.#tell(`ended by itself (${by ?? `exit code ${String(code)}`})`);
  }

  async #tellFalseClaims(how: { readonly died: boolean }): Promise<void> {
    for (const claim of await falseClaims(this.folder, how)) this.#tell(claim);
  }

  /** Does work after all that was begun before; never rejects: a failure is a problem. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work).catch((error: unknown) => this.#tell(toError(error).message));
    return this.#turn;
  }

  #tell(problem: string): void {
    this.#options.onProblem(`${this.name} ${problem}`);
  }
}

function signal({ pid }: NodeProcess, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch (cause) {
    // It ended at the same time, which is noticed elsewhere.
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH')) throw cause;
  }
}
