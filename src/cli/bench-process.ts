import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import type { BenchWorker, WorkerPlace } from '../bench/bench.ts';
import { deferred, type Deferred } from '../kit/index.ts';
import type { BenchWorkerOptions } from './bench-arguments.ts';
import { MAIN_FILE } from './installation.ts';

/** What a process of a bench is asked. */
export interface WorkerQuestion {
  readonly id: number;
  readonly question: unknown;
}

/** What it answers, once for each question. */
export type WorkerReply =
  { readonly id: number; readonly answer: unknown } | { readonly id: number; readonly failure: string };

/** Of what a process writes before it breaks, this many characters are kept for the message. */
const KEPT_OUTPUT = 2_000;

/** This program, started again in a role of a bench. */
export class ForkedWorker implements BenchWorker {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Deferred<unknown>>();
  #asked = 0;
  #output = '';
  #ended: Error | undefined;

  constructor({ bench, role, config, strategies }: BenchWorkerOptions, place?: WorkerPlace) {
    const words = ['bench-worker', bench, role];
    if (config !== undefined) words.push('--config', config);
    if (strategies !== undefined) words.push('--strategies', strategies);
    this.#child = fork(MAIN_FILE, words, {
      ...launch(place?.namespace ?? ''),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.pid = this.#child.pid ?? 0;
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#output = (this.#output + text).slice(-KEPT_OUTPUT);
    });
    this.#child.on('message', (reply: WorkerReply) => this.#receive(reply));
    this.#child.on('error', (error) => this.#end(error.message));
    // Not 'exit': what it wrote last comes first.
    this.#child.on('close', (code, signal) => {
      const last = this.#output.trim().split('\n').at(-1) ?? '';
      this.#end(`its process ended (${signal ?? code})${last === '' ? '' : `: ${last}`}`);
    });
  }

  ask(question: unknown): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = this.#asked++;
    const answer = deferred<unknown>();
    this.#waiting.set(id, answer);
    const message: WorkerQuestion = { id, question };
    // Where it cannot be sent the process is gone, and its end settles what waits.
    this.#child.send(message, () => undefined);
    return answer.promise;
  }

  async close(): Promise<void> {
    const { exitCode, signalCode, pid } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
    this.#end('its process was ended');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #receive(reply: WorkerReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('failure' in reply) waiting?.reject(new Error(reply.failure));
    else waiting?.resolve(reply.answer);
  }

  #end(reason: string): void {
    this.#ended ??= new Error(reason);
    for (const waiting of this.#waiting.values()) waiting.reject(this.#ended);
    this.#waiting.clear();
  }
}

/** How Node.js is started in a network namespace: by a program that enters it and then becomes Node.js, so that the channel stays open. */
function launch(namespace: string): Pick<ForkOptions, 'execPath' | 'execArgv'> {
  const execArgv = ['--expose-gc'];
  if (namespace === '') return { execArgv };
  return { execPath: 'ip', execArgv: ['netns', 'exec', namespace, process.execPath, ...execArgv] };
}
