import { errorCode, toError, type Random } from '../../kernel/index.ts';
import { childRandom } from '../child-seed.ts';
import { PERFECT, type LinkConditions } from '../impairment/link-conditions.ts';
import type { SimulatedNetwork } from '../network/simulated-network.ts';
import type { EventOf, TimelineEvent } from '../scenario/event-schema.ts';
import { plainEvent } from '../scenario/event-schema.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Written } from './written.ts';

/** How often a newcomer that reached nobody yet is told of another node, and how many times in all. */
const INTRODUCE_EVERY_MS = 3_000;
const MAX_INTRODUCTIONS = 20;

/** A rule on what links do: the last that fits a link holds. */
interface LinkRule {
  readonly between: readonly string[] | undefined;
  readonly conditions: LinkConditions;
}

export interface PerformerOptions {
  readonly scenario: Scenario;
  readonly written: Written;
  /** Hears of a command that failed in a way no command may. */
  readonly onBroken: (what: string) => void;
}

/** Does to a network what a scenario says. What cannot happen as things are, such as the crash of a node that is down, does not. */
export class Performer {
  readonly #options: PerformerOptions;
  readonly #rules: LinkRule[];
  /** Nodes that were told of others and reached none of them yet: they are told again after a restart. */
  readonly #unknown = new Set<string>();
  #network!: SimulatedNetwork;
  /** Raised whenever everything is healed: what was to end a cut from before has nothing to do. */
  #healings = 0;

  constructor(options: PerformerOptions) {
    this.#options = options;
    this.#rules = options.scenario.links.map(({ between, ...conditions }) => ({ between, conditions }));
  }

  /** Gives the network, which needs `conditions` before. */
  attach(network: SimulatedNetwork): void {
    this.#network = network;
  }

  /** What the link between two nodes does now. */
  conditions(from: string, to: string): LinkConditions {
    const rule = this.#rules.findLast(({ between }) => this.#fits(between, from, to));
    return rule?.conditions ?? PERFECT;
  }

  /**
   * Starts a node and, when it has started, tells it these addresses. Whoever is in charge of it is patient: where none of them could be
   * reached, it is told of another running node that it does not know every few seconds, until it reaches one.
   */
  begin(name: string, addresses: readonly string[]): void {
    void this.#command(`start ${name}`, async () => {
      const node = await this.#network.node(name).start();
      if (node === undefined) return;
      const introductions = addresses.map((other) => this.#introduce(name, other));
      if (introductions.length > 0 || this.#unknown.has(name)) void this.#askAround(name, introductions);
    });
  }

  /** Has an event happen; commands that take time go on by themselves. */
  perform(event: TimelineEvent): void {
    const { trace } = this.#network;
    trace.event({ ...plainEvent(event), event: event.verb });
    switch (event.verb) {
      case 'join': {
        if (this.#network.node(event.to).isUp) this.begin(event.join, [event.to]);
        return;
      }
      case 'restart': {
        this.begin(event.restart, []);
        return;
      }
      case 'starve': {
        this.#starve(event, childRandom(this.#network.seed, `starving of ${event.starve} at ${event.at}`));
        return;
      }
      case 'leave': {
        void this.#command(`leave ${event.leave}`, () => this.#network.node(event.leave).leave());
        return;
      }
      case 'kill': {
        this.#network.node(event.kill).kill();
        return;
      }
      case 'crash': {
        this.#network.node(event.crash).crash();
        return;
      }
      case 'cut': {
        this.#cut([[event.cut[0], event.cut[1]]], event.seconds);
        return;
      }
      case 'partition': {
        this.#cut(this.#pairsAcross(event), event.seconds);
        return;
      }
      case 'heal':
        if (event.heal === 'all') {
          this.healAll();
          return;
        }
        {
          this.#network.mend(...event.heal);
          return;
        }
      case 'link':
        this.#rules.push({ between: event.link, conditions: event.conditions });
        {
          this.#network.links.refresh();
          return;
        }
      case 'write': {
        this.#write(event);
        return;
      }
      default:
        this.#ask(event);
    }
  }

  /** Mends every cut. */
  healAll(): void {
    this.#healings++;
    this.#network.links.mendAll();
  }

  /** Tells a node an address; resolves to whether it reached the node there. */
  #introduce(name: string, other: string): Promise<boolean> {
    const { node } = this.#network.node(name);
    if (node === undefined) return Promise.resolve(false);
    this.#unknown.add(name);
    return this.#command(`add ${name} ${other}`, async () => {
      await node.add(this.#network.node(other).address);
      this.#unknown.delete(name);
    });
  }

  async #askAround(name: string, introductions: readonly Promise<boolean>[]): Promise<void> {
    const random = childRandom(this.#network.seed, `introduction of ${name}`);
    const { upSince } = this.#network.node(name);
    const isKnown = (await Promise.all(introductions)).includes(true);
    for (let known = isKnown, tries = 0; !known && tries < MAX_INTRODUCTIONS; tries++) {
      await new Promise<void>((resolve) => this.#network.clock.setTimer(INTRODUCE_EVERY_MS, resolve));
      const self = this.#network.node(name);
      if (self.node === undefined || self.upSince !== upSince) return;
      // Those it knows by now came to it: they may be as much apart from the others as it is.
      const met = new Set([self.id, ...self.node.peers().map(({ id }) => id)]);
      const others = this.#network.running.filter(({ id }) => !met.has(id));
      const other = others[Math.floor(random.fraction() * others.length)];
      known = other !== undefined && (await this.#introduce(name, other.name));
    }
  }

  /** Stops a process again and again, and lets it run for a while in between. */
  #starve({ starve: name, seconds, stopSeconds, runSeconds }: EventOf<'starve'>, random: Random): void {
    const { clock } = this.#network;
    const draw = ([from, to]: readonly [number, number]) => 1_000 * (from + random.fraction() * (to - from));
    const end = clock.now() + 1_000 * seconds;
    const again = () => {
      const stopMs = Math.min(draw(stopSeconds), end - clock.now());
      if (stopMs <= 0) return;
      this.#network.node(name).stop(stopMs);
      clock.setTimer(stopMs + draw(runSeconds), again);
    };
    again();
  }

  #write({ write: name, on, bytes, at }: EventOf<'write'>): void {
    const { folder, isUp, user } = this.#network.node(on);
    if (!isUp) return;
    const content = childRandom(this.#network.seed, `${name} ${on} ${at}`).bytes(bytes);
    this.#options.written.add(name, user, content);
    void this.#command(`write ${name} ${on}`, () => folder.put(name, content));
  }

  #ask(event: EventOf<'delete' | 'get' | 'send' | 'add'>): void {
    const target = this.#network.node(event.verb === 'add' ? event.add[0] : event.on);
    const { node, folder } = target;
    if (node === undefined) return;
    const what = JSON.stringify(plainEvent(event));
    if (event.verb === 'delete') {
      this.#options.written.remove(event.delete);
      void this.#command(what, () => folder.disk.remove(event.delete));
    }
    if (event.verb === 'get') void this.#command(what, () => node.get(event.get));
    if (event.verb === 'send') void this.#command(what, () => node.send(event.send));
    if (event.verb === 'add') void this.#command(what, () => node.add(this.#network.node(event.add[1]).address));
  }

  #cut(pairs: readonly (readonly [string, string])[], seconds: number | undefined): void {
    for (const [a, b] of pairs) this.#network.cut(a, b);
    if (seconds === undefined) return;
    const healings = this.#healings;
    this.#network.clock.setTimer(seconds * 1_000, () => {
      if (healings === this.#healings) for (const [a, b] of pairs) this.#network.mend(a, b);
    });
  }

  /** Pairs of nodes on different sides; those that no side names are a side of their own. */
  #pairsAcross({ partition }: EventOf<'partition'>): [string, string][] {
    const sides = partition.map((side) => this.#members(typeof side === 'string' ? [side] : side));
    const named = new Set(sides.flat());
    const all = this.#network.nodes.map(({ name }) => name);
    sides.push(all.filter((name) => !named.has(name)));
    return sides.flatMap((side, index) =>
      sides.slice(index + 1).flatMap((other) => side.flatMap((a) => other.map((b): [string, string] => [a, b]))),
    );
  }

  #fits(between: readonly string[] | undefined, from: string, to: string): boolean {
    if (between === undefined) return true;
    const [left = '', right = left] = between;
    const [a, b] = [this.#members([left]), this.#members([right])];
    return (a.includes(from) && b.includes(to)) || (a.includes(to) && b.includes(from));
  }

  #members(names: readonly string[]): string[] {
    return names.flatMap((name) => this.#options.scenario.groups[name] ?? [name]);
  }

  /** Begins a command; resolves to whether it did what it was to do. How it ends stands in the trace. Only a failure that has no code, or that of a mistake in the program, is one. */
  #command(what: string, work: () => Promise<unknown>): Promise<boolean> {
    const { trace } = this.#network;
    return Promise.resolve()
      .then(work)
      .then(
        () => {
          trace.event({ event: 'done', what });
          return true;
        },
        (thrown: unknown) => {
          const code = errorCode(thrown);
          trace.event({ event: 'failed', what, code, message: toError(thrown).message });
          if (code === undefined || code === 'ERR_INTERNAL') this.#options.onBroken(`${what}: ${String(thrown)}`);
          return false;
        },
      );
  }
}
