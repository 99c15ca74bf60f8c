import { KernelError, errorCode, type Random, type ResolvedProfile } from '../../kernel/index.ts';
import { childRandom } from '../child-seed.ts';
import { SimulatedNetwork } from '../network/simulated-network.ts';
import type { SimulatedNode } from '../network/simulated-node.ts';
import { FrameCounts, OTHER, difference, share, type Count } from './frame-counts.ts';

/** Between the starts of two nodes: time for a newcomer to hear of all others before the next one comes. */
const START_GAP_MS = 500;
/** Until every node has the connections that it keeps. */
const SETTLE_MS = 120_000;
const IDLE_MS = 60_000;
/** From a change of a folder until all have heard of it, the next look at the folder included. */
const CHANGE_MS = 15_000;
const CHANGES = 4;
/** In which a newcomer hears what it lacks, and in which it makes all connections that it keeps. */
const FIRST_WORD_MS = 2_000;
const JOIN_MS = 90_000;
const FILE_BYTES = 40;
const LINK = { delayMs: 10, jitterMs: 0, loss: 0, reorder: 0, duplicate: 0 };

export interface GrowthOptions {
  readonly nodes: number;
  /** Files in the folder of each node, under names of their own. */
  readonly files: number;
  readonly seed: number;
  /** Must have a cipher that leaves records as they are: messages are told by their types. */
  readonly profile: ResolvedProfile;
  /** Hears how many nodes have joined. */
  readonly onJoined?: ((nodes: number) => void) | undefined;
}

/** What a node costs the others, and they it. Frames as they arrive, without what a transport adds. */
export interface GrowthFigures {
  readonly nodes: number;
  readonly files: number;
  /** Of a node, on average. */
  readonly connections: number;
  /** Frames a minute and node. */
  readonly heartbeats: Count;
  readonly idle: Count;
  /** One change of a file, for each node. */
  readonly change: Count;
  /** One join, for each node: all but heartbeats, beyond what the newcomer lacks. */
  readonly join: Count;
  /** What the newcomer lacks, as it is told. */
  readonly lacked: Count;
  /** What goes to the newcomer and from it, until it has all its connections, beyond what it lacks and heartbeats. */
  readonly newcomer: Count;
}

/**
 * Measures a network that grows one node after the other, each told of one that came before it, drawn at random.
 *
 * @throws ERR_INTERNAL where the nodes do not all know each other and all files in the end.
 */
export async function measureGrowth({ nodes, files, seed, profile, onJoined }: GrowthOptions): Promise<GrowthFigures> {
  const all = new FrameCounts();
  const newcomer = new FrameCounts();
  const told = new FrameCounts();
  const watched = new Set<string>();
  const network = new SimulatedNetwork({
    seed,
    profile,
    conditions: () => LINK,
    onFrame: ({ from, to, bytes }) => {
      all.add(bytes);
      const isTold = watched.has(hostOf(to));
      if (isTold || watched.has(hostOf(from))) newcomer.add(bytes);
      if (isTold) told.add(bytes);
    },
  });
  const { clock } = network;
  const random = childRandom(seed, 'growth');
  for (let number = 1; number <= nodes; number++) {
    await enter(network, number, files, random);
    await clock.advance(START_GAP_MS);
    onJoined?.(number);
  }
  await clock.advance(SETTLE_MS);
  requireWhole(network, nodes, files);

  all.clear();
  await clock.advance(IDLE_MS);
  const idle = share(all.except(), nodes);
  const heartbeats = share(all.of('HB'), nodes);

  all.clear();
  for (let change = 0; change < CHANGES; change++) {
    const node = network.node(`n${1 + Math.floor(random.fraction() * nodes)}`);
    await node.folder.put(`change-${change}.txt`, contentOf(`change ${change}`, random));
    await clock.advance(CHANGE_MS);
  }
  const change = share(all.of('FILE'), nodes * CHANGES);

  const connections = network.running.reduce((count, { node }) => count + directCount(node), 0) / nodes;
  all.clear();
  watched.add((await enter(network, nodes + 1, files, random)).host);
  await clock.advance(FIRST_WORD_MS);
  // It has one neighbour yet, which tells it what it lacks and nothing twice.
  const lacked = told.of('TIMN');
  await clock.advance(JOIN_MS - FIRST_WORD_MS);
  requireWhole(network, nodes + 1, files);
  const joined = difference(all.except('HB', OTHER), lacked);
  const seen = difference(newcomer.except('HB'), lacked);
  network.end();
  return {
    nodes,
    files,
    connections,
    heartbeats,
    idle,
    change,
    join: share(joined, nodes + 1),
    lacked,
    newcomer: seen,
  };
}

/** Starts a node with its files, and tells it of another as soon as it runs. */
async function enter(network: SimulatedNetwork, number: number, files: number, random: Random): Promise<SimulatedNode> {
  const joiner = network.node(`n${number}`);
  for (let file = 0; file < files; file++) {
    const name = `n${number}/file-${file}.txt`;
    await joiner.folder.put(name, contentOf(name, random));
  }
  const target = number === 1 ? undefined : network.node(`n${1 + Math.floor(random.fraction() * (number - 1))}`);
  void join(network, joiner, target, random);
  return joiner;
}

/** One that has as many connections as it allows tells of others; here a node is told of another at random. */
async function join(
  network: SimulatedNetwork,
  joiner: SimulatedNode,
  target: SimulatedNode | undefined,
  random: Random,
): Promise<void> {
  const node = await joiner.start();
  for (let next = target; next !== undefined && node !== undefined;) {
    try {
      await node.add(next.address);
      return;
    } catch (thrown) {
      if (errorCode(thrown) !== 'ERR_FULL') throw thrown;
      const others = network.running.filter((other) => other !== joiner);
      next = others[Math.floor(random.fraction() * others.length)];
    }
  }
}

function requireWhole(network: SimulatedNetwork, nodes: number, files: number): void {
  for (const { name, node } of network.running) {
    const [peers, listed] = [node?.peers().length ?? 0, node?.list().length ?? 0];
    if (peers === nodes - 1 && listed >= nodes * files) continue;
    throw new KernelError('ERR_INTERNAL', `${name} knows ${peers + 1} of ${nodes} nodes and ${listed} files`);
  }
}

function contentOf(label: string, random: Random): Uint8Array {
  return Buffer.concat([Buffer.from(`${label}\n`), random.bytes(FILE_BYTES)]);
}

function directCount(node: SimulatedNode['node']): number {
  return node?.peers().filter(({ direct }) => direct).length ?? 0;
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}
