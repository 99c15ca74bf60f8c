import type { BenchContext } from '../bench.ts';
import { TimelyWorker } from '../timely-worker.ts';
import type { Contender } from './contenders.ts';
import type { EndAnswers, EndQuestion } from './end-role.ts';

export interface PairOptions {
  readonly context: Pick<BenchContext, 'startWorker' | 'clock' | 'signal' | 'seed'>;
  readonly contender: Contender;
  readonly sharedKey: Uint8Array;
}

type Ask = EndQuestion['ask'];
type Asked<Wanted extends Ask> = Extract<EndQuestion, { readonly ask: Wanted }>;

/** Two processes with one contender's connection between them; the giving one dials and measures, the taking one listens. */
export class Pair {
  readonly contender: Contender;
  readonly #giving: TimelyWorker;
  readonly #taking: TimelyWorker;

  private constructor(contender: Contender, giving: TimelyWorker, taking: TimelyWorker) {
    this.contender = contender;
    this.#giving = giving;
    this.#taking = taking;
  }

  /** Starts both and connects them; where that fails, both have ended when the call rejects. */
  static async open({ context, contender, sharedKey }: PairOptions): Promise<Pair> {
    const start = async () => new TimelyWorker(await context.startWorker('end'), contender.name, context);
    const pair = new Pair(contender, await start(), await start());
    try {
      const opening = { ask: 'open', contender, sharedKey, seed: context.seed } as const;
      await Promise.all([pair.giving(opening), pair.taking(opening)]);
      await pair.giving({ ask: 'dial', address: await pair.taking({ ask: 'listen' }) });
      return pair;
    } catch (error) {
      await pair.close();
      throw error;
    }
  }

  get name(): string {
    return this.contender.name;
  }

  /** Asks the process that dials and measures. */
  async giving<Wanted extends Ask>(question: Asked<Wanted>): Promise<EndAnswers[Wanted]> {
    return (await this.#giving.ask(question)) as EndAnswers[Wanted];
  }

  /** Asks the process that listens. */
  async taking<Wanted extends Ask>(question: Asked<Wanted>): Promise<EndAnswers[Wanted]> {
    return (await this.#taking.ask(question)) as EndAnswers[Wanted];
  }

  /** Ends both processes. */
  async close(): Promise<void> {
    await Promise.all([this.#giving.close(), this.#taking.close()]);
  }
}
