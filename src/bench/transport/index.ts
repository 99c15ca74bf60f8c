import { toError } from '../../kernel/index.ts';
import { systemRandom } from '../../kit/index.ts';
import { makeSharedKey } from '../../node/identity/shared-key.ts';
import type { Bench, BenchContext } from '../bench.ts';
import type { BenchResult } from '../report.ts';
import { bareTransports, PLAIN_TCP, sealedForms, type Contender } from './contenders.ts';
import { endRole } from './end-role.ts';
import { failedFigures, measure, type ContenderFigures } from './measurement.ts';
import { Pair } from './pair.ts';
import { FULL_PLAN, MESSAGE_LENGTH, PIECE_LENGTH, QUICK_PLAN, type Plan } from './plan.ts';
import { transportSections } from './sections.ts';

/** Every transport, bare and under every cipher, between two processes of this machine. */
export const transport: Bench = {
  name: 'transport',
  about: 'transports, bare and under each cipher: throughput, round trips, set-up, processor time, memory',
  kinds: ['transport', 'cipher'],
  workers: { end: endRole },
  run: (context) => compareTransports(context, context.quick ? QUICK_PLAN : FULL_PLAN),
};

/** Measures, by the plan, whatever transports and ciphers the context has. */
export async function compareTransports(context: BenchContext, plan: Plan): Promise<BenchResult> {
  const opened = new OpenedPairs(context, plan);
  try {
    await opened.openAll();
    const figures = await measure({ context, pairs: opened.pairs, plan });
    return {
      title: 'Transports and ciphers',
      method: METHOD,
      notes: [LOOPBACK, ...opened.leftOut],
      sections: transportSections([...figures, ...opened.failed]),
    };
  } finally {
    await opened.close();
  }
}

const LOOPBACK =
  'All of it is measured within one machine, whose loopback loses nothing and carries packets of up to 64 KiB; networks carry 1,500 bytes. What ' +
  'costs something for each packet is dearer there than here.';

const METHOD: readonly string[] = [
  'Each transport is measured bare, and under the sessions of each cipher as a node has them: handshake, keys, a record for each frame. ' +
    'The reference, plain TCP, is a socket of node:net with a four-byte length before each frame and nothing else; it encrypts nothing.',
  'Two processes for each contender, one at each end of one connection over the loopback address. All of them live through the whole run, ' +
    'and their samples are interleaved in an order drawn anew for each round.',
  'How many frames make a sample is found by trials before, which also warm each contender up; slow ones send less. The receiver compares every frame, byte for ' +
    'byte and number for number, with what was to come, before a time is believed; that comparison is part of the time, alike for all.',
  `Processor time is that of each process (getrusage) during the samples with frames of ${PIECE_LENGTH} bytes. Memory is the peak of ` +
    `RAM over the whole run. Messages of round trips have ${MESSAGE_LENGTH} bytes.`,
];

/** The processes of all contenders. */
class OpenedPairs {
  readonly pairs: Pair[] = [];
  /** Contenders that were to be measured and could not be connected. */
  readonly failed: ContenderFigures[] = [];
  /** A sentence for each transport that is not compared. */
  readonly leftOut: string[] = [];
  readonly #context: BenchContext;
  readonly #plan: Plan;
  readonly #sharedKey = makeSharedKey(systemRandom());

  constructor(context: BenchContext, plan: Plan) {
    this.#context = context;
    this.#plan = plan;
  }

  /** Opens the reference and every transport that two processes can use; the others are left out. */
  async openAll(): Promise<void> {
    await this.#open(PLAIN_TCP);
    for (const bare of bareTransports(this.#context)) {
      try {
        await this.#open(bare);
      } catch (error) {
        this.#context.signal.throwIfAborted();
        this.leftOut.push(
          `Left out is ${bare.subject}: one process cannot reach another of this machine by it (${toError(error).message}).`,
        );
        continue;
      }
      for (const contender of sealedForms(bare, this.#context)) await this.#openOrFail(contender);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.pairs.map((pair) => pair.close()));
  }

  async #openOrFail(contender: Contender): Promise<void> {
    try {
      await this.#open(contender);
    } catch (error) {
      this.#context.signal.throwIfAborted();
      this.failed.push(failedFigures(contender, toError(error).message, this.#plan));
    }
  }

  async #open(contender: Contender): Promise<void> {
    this.#context.progress({ fraction: 0, label: `starting ${contender.name}` });
    this.pairs.push(await Pair.open({ context: this.#context, contender, sharedKey: this.#sharedKey }));
  }
}
