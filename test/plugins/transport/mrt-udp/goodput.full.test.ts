import type { Link } from './simulation.ts';
import { goodput, linkOf, mean, type Flow } from './goodput.ts';

/** The links of docs/mrt.md at their full rates, by name: what they carry in Mbit/s, and the share of it that is asked. */
const LINKS: readonly [string, Link, number, number][] = [
  ['100 Mbit/s, no loss', linkOf(100, 25), 100, 0.9],
  ['100 Mbit/s, 1 % loss', linkOf(100, 25, { loss: 0.01 }), 100, 0.89],
  ['100 Mbit/s, 5 % loss', linkOf(100, 25, { loss: 0.05 }), 100, 0.81],
  [
    '100 Mbit/s, 1 % loss, 1 % reordering, 2 ms jitter',
    linkOf(100, 25, { loss: 0.01, reorder: 0.01, reorderMs: 3, jitterMs: 2, isOrdered: true }),
    100,
    0.89,
  ],
  ['300 Mbit/s, 5 ms each way, 0.1 % loss', linkOf(300, 5, { loss: 0.001 }), 300, 0.9],
];

describe('MRT at full rates', () => {
  test.each(LINKS)(
    'moves its share over %s',
    (_, link, mbit, share) => {
      for (const seed of [1, 2, 3]) {
        expect(mean(goodput(link, 10, [{}], seed)[0]!)).toBeGreaterThan(mbit * share);
      }
    },
    120_000,
  );

  // What a later one takes is held against the kernel's BBR, which takes 88 % beside its CUBIC.
  test('shares 100 Mbit/s with another MRT connection, and leaves a fifth to CUBIC, or what the kernel leaves where it comes later', () => {
    const share = (flows: readonly [Flow, Flow]) => {
      const [first, second] = goodput(linkOf(100, 25), 30, flows).map((rates) => mean(rates, 10));
      return first! / (first! + second!);
    };
    const [both, before, after] = [
      share([{}, {}]),
      share([{}, { congestion: 'cubic', startsAtMs: 3_000 }]),
      share([{ startsAtMs: 3_000 }, { congestion: 'cubic' }]),
    ];
    expect(both).toBeGreaterThan(0.4);
    expect(both).toBeLessThan(0.6);
    expect(before).toBeGreaterThan(0.2);
    expect(before).toBeLessThan(0.8);
    expect(after).toBeGreaterThan(0.2);
    expect(after).toBeLessThan(0.88);
  }, 240_000);
});
