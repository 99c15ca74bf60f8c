import { fork, type ChildProcess } from 'node:child_process';
import { KernelError, type ErrorCode } from '../kernel/index.ts';
import { deferred, type Deferred } from '../kit/index.ts';
import type { Throughput } from './conform-rates.ts';
import { CONFORM_FILE } from './installation.ts';

/** What the process on the bench is asked. Plugins and cases are counted from 0, in the order of the list. */
export type Question =
  | { readonly ask: 'list' }
  | { readonly ask: 'run'; readonly plugin: number; readonly case: number }
  | { readonly ask: 'measure'; readonly plugin: number };

/** A plugin that the file exports. */
export interface ListedPlugin {
  readonly kind: string;
  readonly name: string;
  readonly about: string;
  /** The names of its suite's cases. */
  readonly cases: readonly string[];
  readonly measurable: boolean;
}

/** How a case went; without a reason it passed. */
export interface CaseOutcome {
  readonly reason?: string | undefined;
  readonly milliseconds: number;
}

export type Answer = readonly ListedPlugin[] | CaseOutcome | Throughput | undefined;

/** Where plugins are tried, apart from this process. A call that is under way rejects when the bench is cleared, or breaks. */
export interface Bench {
  list(): Promise<readonly ListedPlugin[]>;
  run(plugin: number, index: number): Promise<CaseOutcome>;
  measure(plugin: number): Promise<Throughput | undefined>;
  /** Ends whatever happens on it, at once. */
  clear(): void;
}

type Reply =
  | { readonly id: number; readonly answer?: Answer }
  | { readonly id: number; readonly failure: { readonly code: ErrorCode; readonly message: string } }
  | { readonly uncaught: string };

/** A bench that is a process of its own, so that a plugin may loop for ever, leak, or end the process. */
export class ProcessBench implements Bench {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Deferred<Answer>>();
  #asked = 0;
  #uncaught: string | undefined;

  /** Instances of plugins may write into `directory`. */
  constructor(file: string, directory: string) {
    // What plugins print is theirs, and the card stands alone.
    this.#child = fork(CONFORM_FILE, [file, directory], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    this.#child.on('message', (reply: Reply) => this.#receive(reply));
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('exit', (code, signal) =>
      this.#end(this.#uncaught ?? `the plugin ended the process (${signal ?? code})`),
    );
  }

  async list(): Promise<readonly ListedPlugin[]> {
    return (await this.#ask({ ask: 'list' })) as readonly ListedPlugin[];
  }

  async run(plugin: number, index: number): Promise<CaseOutcome> {
    return (await this.#ask({ ask: 'run', plugin, case: index })) as CaseOutcome;
  }

  async measure(plugin: number): Promise<Throughput | undefined> {
    return (await this.#ask({ ask: 'measure', plugin })) as Throughput | undefined;
  }

  clear(): void {
    this.#child.kill('SIGKILL');
    this.#end('the bench was cleared');
  }

  #ask(question: Question): Promise<Answer> {
    const id = this.#asked++;
    const answer = deferred<Answer>();
    this.#waiting.set(id, answer);
    // Where the process is gone, its end settles what waits.
    this.#child.send({ id, question }, (error) => {
      if (error !== null) this.#end(this.#uncaught ?? 'the plugin ended the process');
    });
    return answer.promise;
  }

  #receive(reply: Reply): void {
    if ('uncaught' in reply) {
      this.#uncaught = `an error that nobody caught: ${reply.uncaught}`;
      return;
    }
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('failure' in reply) waiting?.reject(new KernelError(reply.failure.code, reply.failure.message));
    else waiting?.resolve(reply.answer);
  }

  #end(reason: string): void {
    const error = new Error(reason);
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
