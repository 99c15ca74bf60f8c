import type { Random } from '../../kernel/index.ts';
import { shuffledRank } from '../../kit/index.ts';
import { childRandom } from '../child-seed.ts';
import type { EventOf, TimelineEvent } from './event-schema.ts';
import type { Churn, Scenario } from './scenario.ts';
import { nameOf } from './topology.ts';

/** Everything that happens in one run, in order of time. */
export type Timeline = readonly TimelineEvent[];

/** The events that the scenario names and those that its churn brings forth from a seed. */
export function timelineOf(scenario: Scenario, seed: number): Timeline {
  const events: TimelineEvent[] = scenario.events.flatMap((event) =>
    event.verb === 'crashes' ? crashesOf(event, scenario, seed) : [event],
  );
  if (scenario.churn !== undefined) events.push(...new ChurnGenerator(scenario, scenario.churn, seed).events());
  return events.sort((a, b) => a.at - b.at);
}

/** The crash of each of a share of the first nodes, drawn from the seed. */
function crashesOf({ at, crashes }: EventOf<'crashes'>, { nodes }: Scenario, seed: number): EventOf<'crash'>[] {
  const rank = shuffledRank(childRandom(seed, `crashes at ${at}`));
  return Array.from({ length: nodes }, (_, index) => index)
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, Math.round(crashes * nodes))
    .map((index) => ({ verb: 'crash', at, crash: nameOf(index + 1) }));
}

type RandomVerb = Exclude<keyof Churn, 'cutSeconds' | 'files' | 'bytes' | 'minimumUp'>;

const VERBS: readonly RandomVerb[] = [
  ...(['write', 'delete', 'get', 'send', 'add', 'join', 'leave'] as const),
  ...(['kill', 'crash', 'restart', 'cut', 'partition'] as const),
];

/** Draws events. It follows who is up, so that most of what it draws can happen. */
class ChurnGenerator {
  readonly #scenario: Scenario;
  readonly #churn: Churn;
  readonly #seed: number;
  readonly #random: Random;
  readonly #up: string[];
  readonly #down: string[] = [];
  readonly #minimumUp: number;
  #nodes: number;

  constructor(scenario: Scenario, churn: Churn, seed: number) {
    this.#scenario = scenario;
    this.#churn = churn;
    this.#seed = seed;
    this.#random = childRandom(seed, 'churn');
    this.#nodes = scenario.nodes;
    this.#up = Array.from({ length: scenario.nodes }, (_, index) => nameOf(index + 1));
    this.#minimumUp = churn.minimumUp ?? Math.ceil(scenario.nodes / 2);
  }

  events(): TimelineEvent[] {
    const times = VERBS.flatMap((verb) => this.#times(verb).map((at) => ({ at, verb })));
    return times
      .sort((a, b) => a.at - b.at)
      .map(({ at, verb }) => this.#draw(verb, at))
      .filter((event) => event !== undefined);
  }

  /** Times with exponential gaps, after all nodes have started. */
  #times(verb: RandomVerb): number[] {
    const { nodes, startGapMs, seconds } = this.#scenario;
    const random = childRandom(this.#seed, `times of ${verb}`);
    const times: number[] = [];
    const perSecond = this.#churn[verb] / 60;
    if (perSecond === 0) return times;
    for (let at = (nodes * startGapMs) / 1_000; ;) {
      at += -Math.log(1 - random.fraction()) / perSecond;
      if (at >= seconds) return times;
      times.push(Math.round(at * 1_000) / 1_000);
    }
  }

  #draw(verb: RandomVerb, at: number): TimelineEvent | undefined {
    const on = this.#pick(this.#up);
    const { cutSeconds, bytes } = this.#churn;
    switch (verb) {
      case 'write':
        return on === undefined
          ? undefined
          : { verb, at, write: this.#fileName(), on, bytes: Math.round(this.#between(bytes)) };
      case 'delete':
        return on === undefined ? undefined : { verb, at, delete: this.#fileName(), on };
      case 'get':
        return on === undefined ? undefined : { verb, at, get: this.#fileName(), on };
      case 'send':
        return on === undefined ? undefined : { verb, at, send: this.#fileName(), on };
      case 'add':
      case 'cut': {
        const other = this.#pick(this.#up);
        if (on === undefined || other === undefined || on === other) return undefined;
        if (verb === 'add') return { verb, at, add: [on, other] };
        return { verb, at, cut: [on, other], seconds: this.#between(cutSeconds) };
      }
      case 'partition': {
        const side = this.#up.filter(() => this.#random.fraction() < 0.5);
        return side.length === 0 ? undefined : { verb, at, partition: [side], seconds: this.#between(cutSeconds) };
      }
      case 'join': {
        if (on === undefined) return undefined;
        const join = nameOf(++this.#nodes);
        this.#up.push(join);
        return { verb, at, join, to: on };
      }
      case 'restart': {
        const restart = this.#pick(this.#down);
        if (restart === undefined) return undefined;
        this.#move(restart, this.#down, this.#up);
        return { verb, at, restart };
      }
      default: {
        if (on === undefined || this.#up.length <= this.#minimumUp) return undefined;
        this.#move(on, this.#up, this.#down);
        if (verb === 'leave') return { verb, at, leave: on };
        return verb === 'kill' ? { verb, at, kill: on } : { verb, at, crash: on };
      }
    }
  }

  #fileName(): string {
    const number = 1 + Math.floor(this.#random.fraction() * this.#churn.files);
    return number % 3 === 0 ? `folder/f${number}` : `f${number}`;
  }

  #between([low, high]: readonly [number, number]): number {
    return Math.round((low + this.#random.fraction() * (high - low)) * 1_000) / 1_000;
  }

  #move(name: string, from: string[], to: string[]): void {
    from.splice(from.indexOf(name), 1);
    to.push(name);
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#random.fraction() * items.length)];
  }
}
