import { toError } from '../kernel/index.ts';
import { withDeadline } from '../kit/index.ts';
import type { BenchContext, BenchWorker } from './bench.ts';

/** An answer that takes longer will not come, in seconds: a sample takes 10 s at most. */
const ANSWER_SECONDS = 25;

/**
 * A worker that answers in time or not at all: where it failed once it is not asked again, since nobody knows what is still under way in it.
 */
export class TimelyWorker {
  readonly #worker: BenchWorker;
  readonly #name: string;
  readonly #context: Pick<BenchContext, 'clock' | 'signal'>;
  #failure: Error | undefined;

  /** `name` is what its errors begin with. */
  constructor(worker: BenchWorker, name: string, context: Pick<BenchContext, 'clock' | 'signal'>) {
    this.#worker = worker;
    this.#name = name;
    this.#context = context;
  }

  /**
   * Rejects with what its first failed answer rejected with, with the signal's reason, or where the answer does not come within `patience`
   * seconds.
   */
  async ask(question: { readonly ask: string }, patience = ANSWER_SECONDS): Promise<unknown> {
    if (this.#failure !== undefined) throw this.#failure;
    const { clock, signal } = this.#context;
    const late = () => new Error(`${this.#name}: no answer to ${question.ask} within ${patience} s`);
    try {
      return await withDeadline(clock, patience * 1_000, late, signal, () => this.#worker.ask(question));
    } catch (error) {
      this.#failure = toError(error);
      throw error;
    }
  }

  /** Ends its process. */
  close(): Promise<void> {
    return this.#worker.close();
  }
}
