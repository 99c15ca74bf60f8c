import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { childRandom } from '../../src/sim/child-seed.ts';
import type { EventOf } from '../../src/sim/scenario/event-schema.ts';
import type { Written } from '../../src/sim/run/written.ts';
import type { ChaosNetwork } from './chaos-network.ts';
import type { ChaosNode } from './chaos-node.ts';
import type { Flooder } from './flooder.ts';
import { describeEvent, type ChaosEvent, type FloodEvent, type StopEvent } from './history.ts';

export interface PerformerOptions {
  readonly seed: number;
  readonly nodes: readonly ChaosNode[];
  readonly network: ChaosNetwork;
  readonly flooder: Flooder;
  readonly written: Written;
  /** A folder on the disk of the nodes' folders. */
  readonly workshop: string;
  readonly tell: (line: string) => void;
  readonly onProblem: (problem: string) => void;
}

/** Does to nodes what a history says. What cannot happen as things are, such as the killing of a node that is down, does not. */
export class Performer {
  readonly #options: PerformerOptions;
  /** What was begun and has not ended. */
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** How often each command ended how. */
  readonly #endings = new Map<string, number>();
  #files = 0;

  constructor(options: PerformerOptions) {
    this.#options = options;
  }

  /** Has an event happen; what takes time goes on by itself. */
  perform(event: ChaosEvent): void {
    this.#options.tell(describeEvent(event));
    switch (event.verb) {
      case 'restart':
        this.#begin(this.#node(event.restart).start());
        break;
      case 'kill':
        this.#begin(this.#node(event.kill).kill());
        break;
      case 'leave':
        this.#begin(this.#node(event.leave).leave());
        break;
      case 'stop':
        this.#stop(event);
        break;
      case 'flood':
        this.#flood(event);
        break;
      case 'cut':
        this.#cut([event.cut], event.seconds);
        break;
      case 'partition':
        this.#cut(this.#pairsAcross(event), event.seconds);
        break;
      case 'write':
        this.#begin(this.#write(event));
        break;
      case 'delete':
        this.#begin(this.#delete(event));
        break;
      case 'get':
        this.command(event.on, `GET ${event.get}`);
        break;
      case 'send':
        this.command(event.on, `SEND ${event.send}`);
        break;
      case 'add':
        this.add(...event.add);
        break;
      default:
        throw new RangeError(`nothing is done here for ${event.verb}`);
    }
  }

  /** Tells a node the address of another. */
  add(name: string, other: string): void {
    const address = this.#node(other).running?.address;
    if (address !== undefined) this.command(name, `ADD ${address}`);
  }

  /** How commands ended so far, and how often, in a line. */
  get summary(): string {
    return [...this.#endings]
      .sort()
      .map(([ending, count]) => `${ending} ${count}`)
      .join(', ');
  }

  /** Gives a command and tells how it ended; a node that is down is given none. */
  command(name: string, line: string): void {
    const node = this.#node(name);
    if (node.running === undefined) return;
    const ended = node.command(line).then((answer) => {
      const how = answer?.event === 'error' ? answer.code : (answer?.event ?? 'its process ended');
      this.#options.tell(`  ${name}: ${line}: ${how}`);
      const ending = `${line.split(' ')[0] ?? ''} ${how}`;
      this.#endings.set(ending, (this.#endings.get(ending) ?? 0) + 1);
    });
    this.#begin(ended);
  }

  /** Ends all that keeps nodes from each other and from their work, and starts those that are down; resolves when all is done. */
  async heal(): Promise<void> {
    this.close();
    const { network, nodes, flooder } = this.#options;
    for (const node of nodes) node.resume();
    await network.mendAll();
    await flooder.close();
    await Promise.all(nodes.map((node) => node.start()));
    await this.idle();
  }

  /** Resolves when all that was begun has ended. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** What was to end by itself later does not any more. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #stop({ stop: name, seconds }: StopEvent): void {
    const node = this.#node(name);
    if (node.stop()) this.#after(seconds, () => node.resume());
  }

  #flood({ flood: name, with: kind, seconds }: FloodEvent): void {
    const { network, flooder } = this.#options;
    const address = this.#node(name).running?.address;
    if (address === undefined) return;
    flooder.flood({ address: network.host(name).exposed(address), with: kind, seconds });
  }

  #cut(pairs: readonly (readonly [string, string])[], seconds: number | undefined): void {
    const { network } = this.#options;
    this.#begin(Promise.all(pairs.map(([a, b]) => network.cut(a, b))));
    if (seconds === undefined) return;
    this.#after(seconds, () => this.#begin(Promise.all(pairs.map(([a, b]) => network.mend(a, b)))));
  }

  /** Each node of the first side with each of the other. */
  #pairsAcross({ partition }: EventOf<'partition'>): [string, string][] {
    const side = partition.flat();
    const others = this.#options.nodes.map(({ name }) => name).filter((name) => !side.includes(name));
    return side.flatMap((a) => others.map((b): [string, string] => [a, b]));
  }

  /** A user puts a file into the folder, all at once, new or over the one there. */
  async #write({ write: name, on, bytes, at }: EventOf<'write'>): Promise<void> {
    const { seed, workshop, written } = this.#options;
    const { running, folder, user } = this.#node(on);
    if (running === undefined) return;
    const content = childRandom(seed, `${name} ${on} ${at}`).bytes(bytes);
    const made = join(workshop, String((this.#files += 1)));
    await writeFile(made, content);
    await mkdir(dirname(join(folder, name)), { recursive: true });
    written.add(name, user, content);
    await rename(made, join(folder, name));
  }

  async #delete({ delete: name, on }: EventOf<'delete'>): Promise<void> {
    const { running, folder } = this.#node(on);
    if (running === undefined) return;
    this.#options.written.remove(name);
    await rm(join(folder, name), { force: true });
  }

  #begin(work: Promise<unknown>): void {
    const ended: Promise<unknown> = work
      .catch((error: unknown) => this.#options.onProblem(String(error)))
      .finally(() => this.#underWay.delete(ended));
    this.#underWay.add(ended);
  }

  #after(seconds: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, 1_000 * seconds);
    this.#timers.add(timer);
  }

  #node(name: string): ChaosNode {
    const node = this.#options.nodes.find((each) => each.name === name);
    if (node === undefined) throw new RangeError(`there is no ${name} here`);
    return node;
  }
}
