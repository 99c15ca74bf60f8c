import type { Address, Logger, NodeIndex, ResolvedProfile } from '../../kernel/index.ts';
import { eventLogger, inlineHasher, memoryIndex } from '../../kit/index.ts';
import { createNode, type NodeEvent, type StorageNode } from '../../node/index.ts';
import { childRandom } from '../child-seed.ts';
import { ImpairedTransport } from '../impairment/impaired-transport.ts';
import type { SimulatedNetwork } from './simulated-network.ts';
import { Life, mortalClock, mortalDisk } from './mortal-world.ts';
import type { NodeFolder } from './node-folder.ts';
import { simulatedProfile } from './simulated-profile.ts';

/** One run of a node's process, from its start to its end. */
class Run extends Life {
  transport: ImpairedTransport | undefined;
  node: StorageNode | undefined;
  isLeaving = false;
  starting: Promise<StorageNode | undefined> = Promise.resolve(undefined);
}

/** What a node told, and when. */
export interface Told {
  readonly at: number;
  readonly event: NodeEvent;
}

/** A machine with a disk, and the shipped node on it, which may stop and start again. */
export class SimulatedNode {
  readonly name: string;
  readonly host: string;
  readonly address: Address;
  readonly user: string;
  readonly folder: NodeFolder;
  readonly index: NodeIndex;
  readonly #network: SimulatedNetwork;
  #run: Run | undefined;
  #runs = 0;
  #id = '';
  /** By the clock, when it last came up. */
  upSince = 0;
  /** By the clock, when its process or machine last died. */
  diedAt = -Infinity;
  /** Until when, by the clock, it was last stopped, and for how many ms. */
  lastStop = { until: -Infinity, ms: 0 };

  constructor(network: SimulatedNetwork, number: number) {
    this.#network = network;
    this.name = `n${number}`;
    this.host = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
    this.address = `${this.host}:4700`;
    this.user = this.name;
    this.folder = network.newFolder(this.name);
    this.index = memoryIndex();
  }

  /** The node, while it runs and has started. */
  get node(): StorageNode | undefined {
    return this.#run?.isOver === false && !this.#run.isLeaving ? this.#run.node : undefined;
  }

  /** Whether its process runs, started or starting. */
  get isUp(): boolean {
    return this.#run?.isOver === false;
  }

  /** Whether it was told to say BYE. */
  get isLeaving(): boolean {
    return this.#run?.isLeaving === true;
  }

  /** Calls back when its process runs: at once, when it goes on, or never where it dies before. */
  whenRunning(callback: () => void): void {
    this.#run?.whenRunning(callback);
  }

  /** Who it is; empty before its first start. It stays the same over restarts. */
  get id(): string {
    return this.#id;
  }

  /** Starts the process; nothing happens where it runs. Resolves when the node has started, or to nothing where it ended before. */
  async start(): Promise<StorageNode | undefined> {
    if (this.#run?.isOver === false) return this.#run.starting;
    const run = new Run();
    this.#run = run;
    this.upSince = this.#network.clock.now();
    this.#network.links.bringUp(this.host);
    run.starting = this.#begin(run);
    return run.starting;
  }

  /** Says BYE and ends; resolves when it has. */
  async leave(): Promise<void> {
    const run = this.#run;
    if (run === undefined || run.isOver) return;
    run.isLeaving = true;
    const node = await run.starting;
    await node?.close();
    run.isOver = true;
  }

  /** The process is stopped for so many ms: it gets no time, hears nothing and says nothing, and goes on as if nothing had been. */
  stop(ms: number): void {
    const run = this.#run;
    if (run === undefined || run.isOver || run.isStopped) return;
    const { clock } = this.#network;
    run.stop();
    this.lastStop = { until: clock.now() + ms, ms };
    clock.setTimer(ms, () => run.proceed());
  }

  /** The process dies: its connections break, its disk stays as it is. */
  kill(): void {
    if (this.#run === undefined) return;
    if (!this.#run.isOver) this.diedAt = this.#network.clock.now();
    this.#run.isOver = true;
    this.#run.transport?.die();
    this.folder.close();
  }

  /** The machine dies: nothing comes from it any more, and what was not synced is lost. */
  crash(): void {
    if (this.#run === undefined) return;
    this.#network.links.takeDown(this.host);
    this.kill();
    this.folder.losePower(childRandom(this.#network.seed, `${this.name} crash ${this.#runs}`));
  }

  async #begin(run: Run): Promise<StorageNode | undefined> {
    const { clock, trace, seed, sharedKey, records } = this.#network;
    await this.folder.open();
    const node = await createNode({
      profile: this.#profile(run),
      world: {
        clock: mortalClock(clock, run),
        random: childRandom(seed, `${this.name} run ${++this.#runs}`),
        disk: mortalDisk(this.folder.disk, run),
        index: this.index,
        hasher: inlineHasher(),
        environment: {},
        stderr: { isTerminal: false, write: () => undefined },
      },
      sharedKey,
      user: this.user,
      listen: this.address,
      pool: records,
    });
    if (run.isOver) return undefined;
    run.node = node;
    this.#id = node.id;
    trace.event({ event: 'up', node: this.name, id: node.id });
    node.subscribe((event) => {
      if (run.isOver) return;
      trace.event({ event: event.type, node: this.name, ...event });
      this.#network.onNodeEvent(this, { at: clock.now(), event });
    });
    return node;
  }

  #profile(run: Run): ResolvedProfile {
    const { clock, links, profile, settings } = this.#network;
    const wrap = (transport: ConstructorParameters<typeof ImpairedTransport>[0]) => {
      run.transport = new ImpairedTransport(transport, {
        clock,
        links,
        place: this.host,
        life: run,
        onFrame: (frame) => this.#network.onFrame(frame),
      });
      return run.transport;
    };
    return simulatedProfile({ profile, settings, logger: this.#logger(run), wrap });
  }

  /** What is logged at `warn` or above counts for the hash; all else is there for whoever reads the trace. */
  #logger(run: Run): Logger {
    const { trace, clock } = this.#network;
    return eventLogger({
      clock,
      level: trace.isRead ? 'trace' : 'warn',
      write: ({ level, event, fields }) => {
        if (run.isOver) return;
        const line = { event, node: this.name, level, ...fields };
        if (level !== 'warn' && level !== 'error') {
          trace.note(line);
          return;
        }
        trace.event(line);
        if (level === 'error') this.#network.onLoggedError(this, event, fields);
      },
    });
  }
}
