import { resolveProfile } from '../../src/kernel/index.ts';
import { measureGrowth } from '../../src/sim/index.ts';
import { FrameCounts } from '../../src/sim/growth/frame-counts.ts';
import config from '../../plugins.config.ts';

test('a small network is measured: heartbeats every two seconds, a newcomer that is told of the others once', async () => {
  const profile = resolveProfile(config, 'simulation');
  const figures = await measureGrowth({ nodes: 3, files: 2, seed: 1, profile });
  expect(figures.heartbeats.frames).toBeCloseTo(30 * figures.connections, 0);
  expect(figures.change.frames).toBeGreaterThan(0.5);
  expect(figures.lacked.frames).toBe(1);
  expect(figures.newcomer.bytes).toBeGreaterThan(0);
});

describe('frames are counted', () => {
  const frame = (text: string) => new TextEncoder().encode(`\0${text}`);

  test('by the type of their message', () => {
    const counts = new FrameCounts();
    for (const text of ['HB^1', 'HB^22', 'FILE^a']) counts.add(frame(text));
    expect(counts.of('HB')).toEqual({ frames: 2, bytes: 11 });
    expect(counts.except('HB')).toEqual({ frames: 1, bytes: 7 });
  });

  test('as others where they are no message of a direct connection', () => {
    const counts = new FrameCounts();
    for (const bytes of [frame(''), frame('peerhold'), Uint8Array.of(1), frame('\u0004123')]) counts.add(bytes);
    expect(counts.of('other').frames).toBe(4);
  });
});
