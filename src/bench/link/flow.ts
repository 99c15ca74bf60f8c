import { parseSocketAddress } from '../../kit/index.ts';
import type { BenchContext } from '../bench.ts';
import { TimelyWorker } from '../timely-worker.ts';
import type { LinkContender } from './contenders.ts';
import type { EmulatedLink } from './emulated-link.ts';
import type { FlowAnswers, FlowQuestion } from './flow-end-role.ts';
import { chooseCongestion, confirmCongestion } from './kernel-congestion.ts';

export interface FlowOptions {
  readonly context: Pick<BenchContext, 'startWorker' | 'clock' | 'signal' | 'seed'>;
  readonly link: EmulatedLink;
  readonly contender: LinkContender;
  readonly warmSeconds: number;
}

/** Answers may come so much later than they should: a busy machine. */
const GRACE_SECONDS = 20;

type Ask = FlowQuestion['ask'];
type Asked<Wanted extends Ask> = Extract<FlowQuestion, { readonly ask: Wanted }>;

/** One contender's connection over a link: a process that sends at one end, and one that receives at the other. */
export class Flow {
  readonly #options: FlowOptions;
  readonly #giving: TimelyWorker;
  readonly #taking: TimelyWorker;

  private constructor(options: FlowOptions, giving: TimelyWorker, taking: TimelyWorker) {
    this.#options = options;
    this.#giving = giving;
    this.#taking = taking;
  }

  /** Starts both processes and connects them; where that fails, both have ended when the call rejects. */
  static async open(options: FlowOptions): Promise<Flow> {
    const { context, link, contender, warmSeconds } = options;
    const start = async ({ namespace }: EmulatedLink['listening']) =>
      new TimelyWorker(await context.startWorker('flow', { namespace }), contender.name, context);
    const flow = new Flow(options, await start(link.dialling), await start(link.listening));
    try {
      const opening = { ask: 'open', contender, seed: context.seed, warmSeconds } as const;
      await Promise.all([flow.#give(opening), flow.#take(opening)]);
      await flow.#connect();
      return flow;
    } catch (error) {
      await flow.close();
      throw error;
    }
  }

  /** Sends for so long; bytes a second that arrived whole in the part that counts. */
  async run({ skipSeconds, seconds }: { readonly skipSeconds: number; readonly seconds: number }): Promise<number> {
    const patience = skipSeconds + seconds + GRACE_SECONDS;
    const taking = this.#take({ ask: 'take', skipSeconds, seconds }, patience);
    const giving = this.#give({ ask: 'give' }, patience + GRACE_SECONDS);
    // It ends before the count only where it fails.
    const failing = giving.then(() => taking);
    const bytesPerSecond = await Promise.race([taking, failing]);
    // The sending end first: it would take the end of the other for a failure.
    await Promise.all([this.#give({ ask: 'stop' }), giving]);
    await this.#take({ ask: 'stop' });
    return bytesPerSecond;
  }

  /** Ends both processes. */
  async close(): Promise<void> {
    await Promise.all([this.#giving.close(), this.#taking.close()]);
  }

  async #connect(): Promise<void> {
    const { context, link, contender } = this.#options;
    const { signal } = context;
    const { listening, dialling } = link;
    const isSystems = contender.kind === 'tcp' && contender.congestion !== undefined;
    const congestion = contender.congestion ?? '';
    if (isSystems) {
      await chooseCongestion(dialling, { peer: listening.address, congestion }, signal);
      await chooseCongestion(listening, { peer: dialling.address, congestion }, signal);
    }
    const address = await this.#take({ ask: 'listen', host: listening.address });
    await this.#give({ ask: 'dial', address });
    if (isSystems) await confirmCongestion(dialling, { port: parseSocketAddress(address).port, congestion }, signal);
  }

  async #give<Wanted extends Ask>(question: Asked<Wanted>, patience?: number): Promise<FlowAnswers[Wanted]> {
    return (await this.#giving.ask(question, patience)) as FlowAnswers[Wanted];
  }

  async #take<Wanted extends Ask>(question: Asked<Wanted>, patience?: number): Promise<FlowAnswers[Wanted]> {
    return (await this.#taking.ask(question, patience)) as FlowAnswers[Wanted];
  }
}
