import { seededRandom } from '../../src/kit/seeded-random.ts';

describe('seededRandom', () => {
  test('repeats itself exactly, on every machine', () => {
    const random = seededRandom(1);
    expect([Buffer.from(random.bytes(8)).toString('hex'), random.fraction()]).toEqual([
      'f285acb8021c8fff',
      0.47127260546736416,
    ]);
  });

  test('differs from seed to seed, also where only the upper half of the seed does', () => {
    const seeds = [0, 1, 2, -1, 2 ** 32, 2 ** 40 + 1];
    expect(new Set(seeds.map((seed) => seededRandom(seed).fraction())).size).toBe(seeds.length);
  });

  test('gives as many bytes as asked for, all values', () => {
    const random = seededRandom(7);
    for (const length of [0, 1, 3, 4, 5]) expect(random.bytes(length)).toHaveLength(length);
    expect(new Set(random.bytes(10_000)).size).toBe(256);
  });

  test('spreads fractions evenly over [0, 1)', () => {
    const random = seededRandom(3);
    const counts = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 10_000; draw++) counts[Math.floor(random.fraction() * 10)]! += 1;
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});
