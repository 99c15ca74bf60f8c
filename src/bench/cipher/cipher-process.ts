import type { BenchContext } from '../bench.ts';
import { TimelyWorker } from '../timely-worker.ts';
import type { CipherQuestion, CipherTraits } from './cipher-role.ts';

/** One cipher in a process of its own. */
export class CipherProcess {
  readonly name: string;
  readonly traits: CipherTraits;
  readonly #worker: TimelyWorker;

  private constructor(name: string, traits: CipherTraits, worker: TimelyWorker) {
    this.name = name;
    this.traits = traits;
    this.#worker = worker;
  }

  /** Starts the process of the cipher at a place among `pluginSubjects`. */
  static async start(
    context: Pick<BenchContext, 'startWorker' | 'clock' | 'signal' | 'seed'>,
    { name, place }: { readonly name: string; readonly place: number },
  ): Promise<CipherProcess> {
    const worker = new TimelyWorker(await context.startWorker('cipher'), name, context);
    const choosing: CipherQuestion = { ask: 'choose', cipher: place, seed: context.seed };
    return new CipherProcess(name, (await worker.ask(choosing)) as CipherTraits, worker);
  }

  /** Rejects where records of this length are not sealed and opened as they should be; so does, from then on, all else. */
  async check(length: number): Promise<void> {
    await this.#ask({ ask: 'check', length });
  }

  /** Seconds that it takes to seal, or open, so many records. */
  async take(ask: 'seal' | 'open', length: number, records: number): Promise<number> {
    return (await this.#ask({ ask, length, records })) as number;
  }

  close(): Promise<void> {
    return this.#worker.close();
  }

  #ask(question: CipherQuestion): Promise<unknown> {
    return this.#worker.ask(question);
  }
}
