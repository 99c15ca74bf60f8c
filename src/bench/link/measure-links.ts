import { seededRandom } from '../../kit/index.ts';
import type { BenchContext } from '../bench.ts';
import { interleave, type SampleOutcome } from '../interleave.ts';
import type { Stage, StagedProgress } from '../staged-progress.ts';
import { SYSTEM_TCP, type LinkContender } from './contenders.ts';
import { EmulatedLink } from './emulated-link.ts';
import { Flow } from './flow.ts';
import type { Honesty } from './honesty.ts';
import type { LinkPlan, LinkShape, WatchPlan } from './plan.ts';

/** One run over one link. */
export interface LinkSample {
  /** Bytes a second of each flow, in their order. */
  readonly rates: readonly number[];
  readonly honesty: Honesty;
}

/** Flows that share a link, under a name unlike all others. */
export interface FlowGroup {
  readonly name: string;
  readonly contenders: readonly LinkContender[];
}

/** What came of a link: a row. */
export interface LinkOutcomes {
  readonly shape: LinkShape;
  /** By group. */
  readonly outcomes: ReadonlyMap<string, SampleOutcome<LinkSample>>;
}

export interface MeasureLinksOptions {
  readonly context: Pick<BenchContext, 'startWorker' | 'clock' | 'signal' | 'seed'>;
  /** The emulator. */
  readonly file: string;
  readonly plan: LinkPlan;
  readonly progress: StagedProgress;
}

/** What starting the processes and the link takes for each sample, about: for the progress only. */
const START_SECONDS = 3;

/** Each contender by itself. */
export function alone(contenders: readonly LinkContender[]): readonly FlowGroup[] {
  return contenders.map((contender) => ({ name: contender.name, contenders: [contender] }));
}

/** Each transport beside itself and beside TCP; and TCP under one control beside TCP under the other, which shows what is usual. */
export function pairs(contenders: readonly LinkContender[], { most }: Pick<LinkPlan, 'most'>): readonly FlowGroup[] {
  const pair = (...two: readonly LinkContender[]) => ({
    name: two.map(({ name }) => name).join(' beside '),
    contenders: two,
  });
  const groups = contenders.flatMap((one) => [pair(one, one), ...SYSTEM_TCP.map((tcp) => pair(one, tcp))]);
  return [pair(...SYSTEM_TCP), ...groups].slice(0, most.pairs);
}

/** The part of the progress that a link takes. */
export function stageOf(label: string, groups: readonly FlowGroup[], watch: WatchPlan): Stage {
  const { rounds, skipSeconds, seconds } = watch;
  return { label, weight: groups.length * rounds * (START_SECONDS + skipSeconds + seconds) };
}

/** Makes links, each with its own name, and measures what flows over them. */
export class LinkMeter {
  readonly #options: MeasureLinksOptions;
  #made = 0;

  constructor(options: MeasureLinksOptions) {
    this.#options = options;
  }

  /** A name for one more link. */
  nextName(): string {
    return `bench${process.pid}n${this.#made++}`;
  }

  /** Takes the samples of all groups over a link, interleaved; each has a link and processes of its own, so that nothing is remembered. */
  async measure(shape: LinkShape, groups: readonly FlowGroup[], watch: WatchPlan): Promise<LinkOutcomes> {
    const { context, progress } = this.#options;
    const { clock, signal, seed } = context;
    progress.begin(stageOf(shape.label, groups, watch));
    const rounds = new Map<string, number>();
    const subjects = groups.map((group) => ({
      name: group.name,
      sample: () => {
        const round = rounds.get(group.name) ?? 0;
        rounds.set(group.name, round + 1);
        return this.#sample(shape, group, { watch, seed: seed + round });
      },
    }));
    const outcomes = await interleave({
      subjects,
      warmUps: 0,
      rounds: watch.rounds,
      clock,
      random: seededRandom(seed),
      signal,
      progress: ({ name, done, of }) => progress.step(name, done / of),
    });
    return { shape, outcomes };
  }

  /** One run; in a round packets have the same fate for all groups. */
  async #sample(
    shape: LinkShape,
    { contenders }: FlowGroup,
    { watch, seed }: { readonly watch: WatchPlan; readonly seed: number },
  ): Promise<LinkSample> {
    const { context, file, plan } = this.#options;
    const { clock, signal } = context;
    const link = await EmulatedLink.open({ file, name: this.nextName(), shape, seed, clock, signal });
    const flows: Flow[] = [];
    let rates: readonly number[];
    try {
      // One after the other: the congestion control of TCP is what the route says at the time of connecting.
      for (const contender of contenders) {
        flows.push(await Flow.open({ context, link, contender, warmSeconds: plan.warmSeconds }));
      }
      rates = await Promise.all(flows.map((flow) => flow.run(watch)));
    } catch (error) {
      await Promise.all(flows.map((flow) => flow.close()));
      // What went wrong before is what is told.
      await link.close().catch(() => undefined);
      throw error;
    }
    await Promise.all(flows.map((flow) => flow.close()));
    return { rates, honesty: await link.close() };
  }
}
