import { resolveProfile } from '../../src/kernel/index.ts';
import { SimulatedNetwork, type SimulatedNode } from '../../src/sim/index.ts';
import config from '../../plugins.config.ts';
import { conditions } from '../sim/support/conditions.ts';
import { contentOf } from './transfer/support/holders.ts';

const PIECE = 256 * 1_024;
const COUNT = 32;
/** What the only holder's line to each other node carries: the file takes 16 s over it. */
const SLOW = conditions({ bytesPerSecond: 512 * 1_024, delayMs: 10 });
const FAST = conditions({ bytesPerSecond: 50e6, delayMs: 1 });

let network: SimulatedNetwork;
let nodes: [SimulatedNode, SimulatedNode, SimulatedNode];

beforeEach(async () => {
  network = new SimulatedNetwork({
    seed: 1,
    profile: resolveProfile(config, 'simulation'),
    conditions: (from, to) => (from === 'n1' || to === 'n1' ? SLOW : FAST),
  });
  nodes = [network.node('n1'), network.node('n2'), network.node('n3')];
  await nodes[0].folder.put('film.bin', contentOf(PIECE * COUNT));
  for (const node of nodes) await network.while(() => node.start());
  for (const node of nodes.slice(1)) await network.while(() => node.node!.add(nodes[0].address));
  await network.clock.advance(5_000);
});

afterEach(() => network.end());

const pieces = (node: SimulatedNode, query = 'film.bin') => network.while(() => node.node!.pieces(query));

describe('PIECES', () => {
  test('says on the holder that all of it is here', async () => {
    expect(await pieces(nodes[0])).toMatchObject({
      name: 'film.bin',
      size: PIECE * COUNT,
      pieces: COUNT,
      pieceLength: PIECE,
      ours: COUNT,
      holders: [{ id: nodes[0].id, whole: true, pieces: COUNT }],
    });
  });

  test('asks a holder for the manifest where it is not here', async () => {
    expect(await pieces(nodes[1])).toMatchObject({ pieces: COUNT, pieceLength: PIECE, ours: 0 });
  });

  test('counts what those have who are still fetching it, this node among them', async () => {
    const fetching = nodes[1].node!.get('film.bin');
    await network.clock.advance(8_000);
    const [here, elsewhere] = [await pieces(nodes[1]), await pieces(nodes[2])];
    expect(here.holders.map(({ id, whole }) => [id, whole])).toEqual([
      [nodes[0].id, true],
      [nodes[1].id, false],
    ]);
    expect(here.ours).toBeGreaterThan(4);
    expect(here.ours).toBeLessThan(COUNT);
    expect(here.holders[1]?.pieces).toBe(here.ours);
    expect(elsewhere.holders[1]?.pieces).toBeGreaterThanOrEqual(here.ours);
    await network.while(() => fetching);
    expect((await pieces(nodes[1])).ours).toBe(COUNT);
  });

  test('says that the pieces are not known where nobody answers', async () => {
    network.cut('n1', 'n2');
    expect(await pieces(nodes[1])).toMatchObject({ pieces: null, pieceLength: null, ours: 0 });
  });

  test('refuses a file that nobody holds, and a name that is none', async () => {
    await expect(pieces(nodes[1], 'nothing')).rejects.toMatchObject({ code: 'ERR_NO_SUCH_FILE' });
    await expect(pieces(nodes[1], '../x')).rejects.toMatchObject({ code: 'ERR_NAME' });
  });

  test('leaves no transfer behind', async () => {
    await pieces(nodes[1]);
    await network.clock.advance(1_000);
    expect(nodes.map(({ node }) => node!.status().transfers)).toEqual([0, 0, 0]);
  });
});
