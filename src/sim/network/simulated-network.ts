import type { LogFields, ResolvedProfile, Settings } from '../../kernel/index.ts';
import { VirtualClock } from '../../kit/index.ts';
import { childRandom } from '../child-seed.ts';
import type { CarriedFrame } from '../impairment/impaired-transport.ts';
import { LinkTable, type Place } from '../impairment/link-table.ts';
import type { LinkConditions } from '../impairment/link-conditions.ts';
import { MemoryFolder, RealFolder, type NodeFolder } from './node-folder.ts';
import { OutsideWork } from './outside-work.ts';
import { SharedRecords } from './shared-records.ts';
import { SimulatedNode, type Told } from './simulated-node.ts';
import { settingsWith } from './simulated-profile.ts';
import { Trace } from './trace.ts';

export interface SimulatedNetworkOptions {
  /** Everything left to chance comes of it: 0 to 2^53 - 1. */
  readonly seed: number;
  /** What the nodes are made of. Its transport must reach the others by itself, without sockets, and is this network's alone. */
  readonly profile: ResolvedProfile;
  /** Settings of all nodes, over those of the profile. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** What the link from one node to another does, by their names. */
  readonly conditions?: (from: string, to: string) => LinkConditions | undefined;
  /** A directory of the system, there already, in which each node has its folder, under its name; in memory where it is left out. */
  readonly directory?: string | undefined;
  /** Gets the trace, a line of JSON for each event. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Hears of each frame as it arrives. */
  readonly onFrame?: ((frame: CarriedFrame) => void) | undefined;
  /** Hears what nodes tell. */
  readonly onNodeEvent?: (node: SimulatedNode, told: Told) => void;
  /** Hears of each error that a node logs. */
  readonly onLoggedError?: (node: SimulatedNode, event: string, fields: LogFields) => void;
}

/**
 * Any number of whole nodes, the shipped code on a disk and an index in memory each, in one process, on one virtual clock, with a link
 * between each two. The same seed and the same calls give the same run, to the byte; not so with folders on a real disk, which does what it
 * does in an order of its own. Time stands still while it does.
 */
export class SimulatedNetwork {
  readonly clock: VirtualClock;
  readonly links: LinkTable;
  readonly trace: Trace;
  readonly seed: number;
  readonly profile: ResolvedProfile;
  readonly settings: Settings;
  readonly sharedKey: Uint8Array;
  readonly records = new SharedRecords();
  readonly #options: SimulatedNetworkOptions;
  readonly #work = new OutsideWork();
  readonly #nodes = new Map<string, SimulatedNode>();
  readonly #names = new Map<Place, string>();

  /** @throws ERR_CONFIG where a setting is wrong. */
  constructor(options: SimulatedNetworkOptions) {
    const { seed, profile, settings = {}, conditions, onLine } = options;
    const clock = new VirtualClock({ outside: () => this.#work.over });
    this.clock = clock;
    this.#options = options;
    this.seed = seed;
    this.profile = profile;
    this.settings = settingsWith(profile.settings, settings);
    this.sharedKey = childRandom(seed, 'shared key').bytes(32);
    this.trace = new Trace({ clock, onLine });
    const nameAt = (place: Place) => this.#names.get(place) ?? place;
    this.links = new LinkTable({
      clock,
      seed,
      conditions: conditions && ((from, to) => conditions(nameAt(from), nameAt(to))),
    });
  }

  /** Every node that was ever named. */
  get nodes(): readonly SimulatedNode[] {
    return [...this.#nodes.values()];
  }

  /** The nodes that run and have started. */
  get running(): readonly SimulatedNode[] {
    return this.nodes.filter(({ node }) => node !== undefined);
  }

  /** The node of a name, `n1` for the first; made where it was never named before, and started by its `start`. */
  node(name: string): SimulatedNode {
    const found = this.#nodes.get(name);
    if (found !== undefined) return found;
    const made = new SimulatedNode(this, Number(name.slice(1)));
    this.#nodes.set(name, made);
    this.#names.set(made.host, name);
    return made;
  }

  /** Cuts two nodes off from each other. */
  cut(a: string, b: string): void {
    this.links.cut(this.node(a).host, this.node(b).host);
  }

  /** Undoes one `cut` of the two. */
  mend(a: string, b: string): void {
    this.links.mend(this.node(a).host, this.node(b).host);
  }

  /** Runs a command while the clock passes as fast as it needs. */
  async while<T>(command: () => Promise<T>): Promise<T> {
    let over = false;
    const running = command().finally(() => (over = true));
    // Whoever awaits the result hears of its failure.
    running.catch(() => undefined);
    // What takes long is a wait: the steps may grow with it.
    for (let steps = 0; !over; steps++) await this.clock.advance(steps < 200 ? 1 : 20);
    return running;
  }

  /** Ends every node at once, without a word, so that nothing of the run goes on. */
  end(): void {
    for (const node of this.#nodes.values()) node.kill();
  }

  /** @internal */
  onFrame(frame: CarriedFrame): void {
    this.trace.frame(frame.from, frame.to, frame.bytes);
    this.#options.onFrame?.(frame);
  }

  /** @internal */
  newFolder(name: string): NodeFolder {
    const { directory: parent } = this.#options;
    return parent === undefined ? new MemoryFolder(this.clock) : new RealFolder({ parent, name, work: this.#work });
  }

  /** @internal */
  onNodeEvent(node: SimulatedNode, told: Told): void {
    this.#options.onNodeEvent?.(node, told);
  }

  /** @internal */
  onLoggedError(node: SimulatedNode, event: string, fields: LogFields): void {
    this.#options.onLoggedError?.(node, event, fields);
  }
}
