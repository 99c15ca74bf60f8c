import { resolveProfile } from '../../src/kernel/index.ts';
import { SimulatedNetwork } from '../../src/sim/index.ts';
import type { SimulatedNode } from '../../src/sim/index.ts';
import config from '../../plugins.config.ts';
import { conditions } from '../sim/support/conditions.ts';
import { contentOf } from './transfer/support/holders.ts';

const SIZE = 8 * 1_024 * 1_024;
/** What the only holder's line to each other node carries: the file takes 16 s over it. */
const SLOW = conditions({ bytesPerSecond: 512 * 1_024, delayMs: 10 });
const FAST = conditions({ bytesPerSecond: 50e6, delayMs: 1 });

let network: SimulatedNetwork;
let nodes: SimulatedNode[];

beforeEach(async () => {
  network = new SimulatedNetwork({
    seed: 1,
    profile: resolveProfile(config, 'simulation'),
    conditions: (from, to) => (from === 'n1' || to === 'n1' ? SLOW : FAST),
  });
  nodes = ['n1', 'n2', 'n3'].map((name) => network.node(name));
  await nodes[0]!.folder.put('film.bin', contentOf(SIZE));
  for (const node of nodes) await network.while(() => node.start());
  for (const node of nodes.slice(1)) await network.while(() => node.node!.add(nodes[0]!.address));
  await network.clock.advance(5_000);
});

afterEach(() => network.end());

test('a node that fetches a file gives what it has to the next, and both are done sooner', async () => {
  const [, second, third] = nodes as [SimulatedNode, SimulatedNode, SimulatedNode];
  const first = second.node!.get('film.bin');
  await network.clock.advance(4_000);
  const both = Promise.all([first, third.node!.get('film.bin')]);
  const [, late] = await network.while(() => both);
  expect(late.sources[second.id]).toBeGreaterThan(SIZE / 5);
  // Alone over the slow line it would take 16 s.
  expect(late.seconds).toBeLessThan(13);
});

test('a part is nothing that LIST shows', async () => {
  const [holder, second, third] = nodes as [SimulatedNode, SimulatedNode, SimulatedNode];
  const fetched = second.node!.get('film.bin');
  await network.clock.advance(4_000);
  expect(third.node!.list().map(({ holders }) => holders)).toEqual([[holder.id]]);
  await network.while(() => fetched);
  await network.clock.advance(1_000);
  expect(third.node!.list().map(({ holders }) => holders.toSorted())).toEqual([[holder.id, second.id].toSorted()]);
});
