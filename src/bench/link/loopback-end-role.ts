import { toError, type Address } from '../../kernel/index.ts';
import type { BenchSetting, WorkerRole } from '../bench.ts';
import { FrameContents } from '../transport/frame-content.ts';
import { JobClient, type Frames } from '../transport/job-client.ts';
import type { Pipe, PipeListener, Piping } from '../transport/pipe.ts';
import { cpuSeconds } from '../transport/process-figures.ts';
import { serveJobs } from '../transport/serve-jobs.ts';
import { openPiping, type LinkContender } from './contenders.ts';

/** What the process at one end of the loopback is asked. */
export type LoopbackQuestion =
  | { readonly ask: 'open'; readonly contender: LinkContender; readonly seed: number }
  | { readonly ask: 'listen' }
  | { readonly ask: 'dial'; readonly address: Address }
  | ({ readonly ask: 'give' } & Frames)
  | ({ readonly ask: 'exchange'; readonly inFlight: number } & Frames)
  /** Makes so many connections that do nothing. */
  | { readonly ask: 'dialIdle'; readonly address: Address; readonly count: number }
  | { readonly ask: 'accepted' }
  | { readonly ask: 'cpuSeconds' }
  | { readonly ask: 'memory' };

/** What it answers, by question. */
export interface LoopbackAnswers {
  readonly open: undefined;
  readonly listen: Address;
  readonly dial: undefined;
  /** Seconds until the other end had the last frame and had said so. */
  readonly give: number;
  /** Seconds until all frames were back. */
  readonly exchange: number;
  readonly dialIdle: undefined;
  /** Connections accepted so far. */
  readonly accepted: number;
  readonly cpuSeconds: number;
  /** Bytes that the process holds, in objects and buffers, once what nobody needs is gone. */
  readonly memory: number;
}

const HERE = '127.0.0.1:0';

/** A process at one end of a connection within this machine. */
export const loopbackEndRole: WorkerRole = async (setting) => {
  const end = new LoopbackEnd(setting);
  return (question) => end.answer(question as LoopbackQuestion);
};

class LoopbackEnd {
  readonly #setting: BenchSetting;
  #piping: Piping | undefined;
  #seed = 0;
  #client: JobClient | undefined;
  readonly #accepted: Pipe[] = [];
  readonly #idle: Pipe[] = [];

  constructor(setting: BenchSetting) {
    this.#setting = setting;
  }

  async answer(question: LoopbackQuestion): Promise<LoopbackAnswers[LoopbackQuestion['ask']]> {
    switch (question.ask) {
      case 'open':
        this.#piping = await openPiping(question.contender, this.#setting);
        this.#seed = question.seed;
        return undefined;
      case 'listen': {
        const listener = await this.#opened().listen(this.#opened().parse(HERE));
        // Goes on until the process ends; what goes wrong on a pipe, the other end measures or misses.
        void this.#serveAll(listener);
        return listener.address;
      }
      case 'dial': {
        const pipe = await this.#opened().dial(question.address);
        this.#client = new JobClient({ pipe, seed: this.#seed, clock: this.#setting.clock, cpuSeconds });
        return undefined;
      }
      case 'give':
        return (await this.#connected().give(question)).seconds;
      case 'exchange':
        return this.#connected().exchange(question);
      case 'dialIdle':
        while (this.#idle.length < question.count) this.#idle.push(await this.#opened().dial(question.address));
        return undefined;
      case 'accepted':
        return this.#accepted.length;
      case 'cpuSeconds':
        return cpuSeconds();
      case 'memory':
        return memory();
    }
  }

  async #serveAll(listener: PipeListener): Promise<void> {
    const contents = new FrameContents();
    for await (const pipe of listener) {
      this.#accepted.push(pipe);
      serveJobs(pipe, { contents, cpuSeconds }).catch((error: unknown) => pipe.abort(toError(error)));
    }
  }

  #opened(): Piping {
    if (this.#piping === undefined) throw new Error('this end was not opened');
    return this.#piping;
  }

  #connected(): JobClient {
    if (this.#client === undefined) throw new Error('this end has not dialled');
    return this.#client;
  }
}

/** Not the memory in RAM: pages that were used once stay with the process, and hide what a connection takes. */
function memory(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
