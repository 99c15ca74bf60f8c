import { resolveProfile } from '../../src/kernel/index.ts';
import { measureGrowth, type GrowthFigures } from '../../src/sim/index.ts';
import config from '../../plugins.config.ts';

/** What a node costs may grow so much while the network grows tenfold. */
const MOST = 3;

let small: GrowthFigures;
let large: GrowthFigures;

beforeAll(async () => {
  const measure = (nodes: number) =>
    measureGrowth({ nodes, files: 5, seed: 1, profile: resolveProfile(config, 'simulation') });
  small = await measure(10);
  large = await measure(100);
}, 300_000);

describe('in ten times as many nodes', () => {
  test.each(['heartbeats', 'idle', 'change', 'join', 'newcomer'] as const)(
    '%s cost each of them at most three times as much',
    (what) => {
      expect(large[what].frames).toBeLessThanOrEqual(MOST * small[what].frames);
      expect(large[what].bytes).toBeLessThanOrEqual(MOST * small[what].bytes);
    },
  );

  test('a newcomer is told what it lacks, and little else', () => {
    expect(large.newcomer.bytes).toBeLessThan(large.lacked.bytes / 2);
  });
});
