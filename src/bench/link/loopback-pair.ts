import type { BenchContext } from '../bench.ts';
import { TimelyWorker } from '../timely-worker.ts';
import type { LinkContender } from './contenders.ts';
import type { LoopbackAnswers, LoopbackQuestion } from './loopback-end-role.ts';

type Ask = LoopbackQuestion['ask'];
type Asked<Wanted extends Ask> = Extract<LoopbackQuestion, { readonly ask: Wanted }>;

/** Longest answer: half a gibibyte at 15 MB a second. */
const PATIENCE_SECONDS = 40;

/** Two processes of a contender within this machine: one listens, the other dials and measures. */
export class LoopbackPair {
  readonly name: string;
  readonly #dialling: TimelyWorker;
  readonly #listening: TimelyWorker;

  private constructor(name: string, dialling: TimelyWorker, listening: TimelyWorker) {
    this.name = name;
    this.#dialling = dialling;
    this.#listening = listening;
  }

  /** Starts both; where that fails, both have ended when the call rejects. */
  static async open(
    context: Pick<BenchContext, 'startWorker' | 'clock' | 'signal' | 'seed'>,
    contender: LinkContender,
  ): Promise<LoopbackPair> {
    const start = async () => new TimelyWorker(await context.startWorker('loopback'), contender.name, context);
    const pair = new LoopbackPair(contender.name, await start(), await start());
    try {
      const opening = { ask: 'open', contender, seed: context.seed } as const;
      await Promise.all([pair.dialling(opening), pair.listening(opening)]);
      return pair;
    } catch (error) {
      await pair.close();
      throw error;
    }
  }

  /** Asks the process that dials. */
  async dialling<Wanted extends Ask>(question: Asked<Wanted>): Promise<LoopbackAnswers[Wanted]> {
    return (await this.#dialling.ask(question, PATIENCE_SECONDS)) as LoopbackAnswers[Wanted];
  }

  /** Asks the process that listens. */
  async listening<Wanted extends Ask>(question: Asked<Wanted>): Promise<LoopbackAnswers[Wanted]> {
    return (await this.#listening.ask(question, PATIENCE_SECONDS)) as LoopbackAnswers[Wanted];
  }

  /** Ends both processes. */
  async close(): Promise<void> {
    await Promise.all([this.#dialling.close(), this.#listening.close()]);
  }
}
