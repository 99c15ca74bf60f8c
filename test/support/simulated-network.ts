import { defineConfig, resolveProfile, type Address, type SettingsInput } from '../../src/kernel/index.ts';
import { inlineHasher, memoryIndex, MemoryDisk, seededRandom, VirtualClock } from '../../src/kit/index.ts';
import { createNode } from '../../src/node/create-node.ts';
import type { NodeEvent } from '../../src/node/api.ts';
import type { StorageNode } from '../../src/node/storage-node.ts';
import { bTree, memory, MemoryNetwork, none, sequential } from '../../src/plugins/index.ts';
import { definePlugin, type Logger } from '../../src/kernel/index.ts';
import { RecordingLogger } from './recording-logger.ts';
import { z } from 'zod';

/** What all simulated nodes have in common. */
export const SHARED_KEY = new Uint8Array(32).fill(7);

export interface SimulatedNodeOptions {
  /** Files of its folder, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly settings?: SettingsInput;
  readonly port?: number;
  /** A node whose disk and index this one starts with: the same node, on another machine. */
  readonly worldOf?: SimulatedNode;
}

/** A whole node, shipped code but for the outside world, and the means to look into it. */
export interface SimulatedNode {
  readonly node: StorageNode;
  readonly disk: MemoryDisk;
  readonly log: RecordingLogger;
  readonly events: NodeEvent[];
  /** The host it runs on: its address without the port. */
  readonly host: string;
  readonly address: Address;
}

/** Many nodes in one process, on one virtual clock and one network in memory. A seed makes a run repeatable. */
export class SimulatedNetwork {
  readonly clock = new VirtualClock();
  readonly network = new MemoryNetwork();
  readonly #nodes: SimulatedNode[] = [];
  readonly #worlds = new Map<string, { disk: MemoryDisk; index: ReturnType<typeof memoryIndex> }>();
  readonly #seed: number;
  #started = 0;

  constructor(seed = 1) {
    this.#seed = seed;
  }

  /** Starts a node on the host of this number; a host used before has its disk and index from then. */
  async start(hostNumber: number, options: SimulatedNodeOptions = {}): Promise<SimulatedNode> {
    const host = `10.0.0.${hostNumber}`;
    const kept = this.#worlds.get(options.worldOf?.host ?? host);
    const disk = kept?.disk ?? new MemoryDisk({ clock: this.clock });
    const index = kept?.index ?? memoryIndex();
    this.#worlds.set(host, { disk, index });
    for (const [name, content] of Object.entries(options.files ?? {})) await writeFile(disk, name, content);
    const log = new RecordingLogger();
    const random = seededRandom(this.#seed * 1_000 + this.#started++);
    const starting = createNode({
      profile: this.#profile(log, options.settings),
      world: {
        clock: this.clock,
        random,
        disk,
        index,
        hasher: inlineHasher(),
        environment: {},
        stderr: { isTerminal: false, write: () => undefined },
      },
      sharedKey: SHARED_KEY,
      user: options.user ?? `user${hostNumber}`,
      listen: `${host}:${options.port ?? 7_000 + hostNumber}`,
    });
    const node = await this.while(() => starting);
    const events: NodeEvent[] = [];
    node.subscribe((event) => events.push(event));
    const simulated = { node, disk, log, events, host, address: node.address };
    this.#nodes.push(simulated);
    return simulated;
  }

  /** Starts nodes and adds each to the one before: a line. */
  async line(
    count: number,
    options: (hostNumber: number) => SimulatedNodeOptions = () => ({}),
  ): Promise<SimulatedNode[]> {
    const nodes: SimulatedNode[] = [];
    for (let hostNumber = 1; hostNumber <= count; hostNumber++) {
      const started = await this.start(hostNumber, options(hostNumber));
      const before = nodes.at(-1);
      if (before !== undefined) await this.while(() => started.node.add(before.address));
      nodes.push(started);
    }
    await this.clock.advance(100);
    return nodes;
  }

  /** Runs a command while the clock passes as fast as it needs. */
  async while<T>(command: () => Promise<T>): Promise<T> {
    let over = false;
    const running = command().finally(() => (over = true));
    running.catch(() => undefined);
    // What takes long is a wait: the steps may grow with it.
    for (let steps = 0; !over; steps++) await this.clock.advance(steps < 200 ? 1 : 20);
    return running;
  }

  /** The machine of a node dies: nothing comes from it any more. */
  kill({ host }: SimulatedNode): void {
    this.network.isolate(host);
  }

  /** Closes all nodes; those killed too, since they are code in this process. */
  async close(): Promise<void> {
    const closing = Promise.allSettled(this.#nodes.map(({ node }) => node.close()));
    let over = false;
    void closing.then(() => (over = true));
    while (!over) await this.clock.advance(100);
  }

  /** The same, and then the time after which transfer connections with who died are cut off, where they do not close before. */
  async end(): Promise<void> {
    await this.close();
    await this.clock.advance(5_000);
  }

  #profile(log: Logger, settings: SettingsInput = {}) {
    const recording = definePlugin({
      name: 'recording',
      kind: 'logger',
      about: 'Keeps every event, for tests.',
      options: z.strictObject({}),
      create: () => log,
    });
    const config = defineConfig({
      plugins: [],
      defaultProfile: 'simulated',
      profiles: {
        simulated: {
          about: 'tests',
          transport: memory({ network: this.network }),
          cipher: none(),
          neighbourPriority: bTree(),
          pieceStrategy: sequential(),
          logger: recording(),
          // Copies that nodes make by themselves are in the way of most tests: those that are about them ask for them.
          settings: { allowPlaintext: true, replicas: 0, ...settings },
        },
      },
    });
    return resolveProfile(config);
  }
}

/** Writes a whole file, as a user would. */
export async function writeFile(disk: MemoryDisk, name: string, content: string): Promise<void> {
  const slash = name.lastIndexOf('/');
  if (slash > 0) await disk.makeDirectory(name.slice(0, slash));
  const file = await disk.open(name, 'write');
  await file.truncate(0);
  await file.write(0, [new TextEncoder().encode(content)]);
  await file.sync();
  await file.close();
}

/** The content of a file as text; undefined where there is none. */
export async function readFile(disk: MemoryDisk, name: string): Promise<string | undefined> {
  const stat = await disk.stat(name);
  if (stat === undefined) return undefined;
  const file = await disk.open(name, 'read');
  const bytes = await file.read(0, stat.size);
  await file.close();
  return new TextDecoder().decode(bytes);
}
