import type { Link } from './simulation.ts';
import { goodput, linkOf, mean } from './goodput.ts';

/** A fifth of the link of docs/mrt.md; goodput.full.test.ts has all of it. */
const MBIT = 20;
const link = (more: Partial<Link> = {}) => linkOf(MBIT, 25, more);

/** Mbit/s over six seconds of virtual time from the first packet on. */
const moved = (over: Link, congestion: 'bbr' | 'cubic' = 'bbr') => mean(goodput(over, 6, [{ congestion }])[0]!);

describe('goodput of an MRT connection over 20 Mbit/s and 50 ms, with a queue of one bandwidth-delay product', () => {
  test.each<[string, Link, number]>([
    ['without loss', link(), 0.9],
    ['with 1 % random loss', link({ loss: 0.01 }), 0.86],
    ['with 5 % random loss', link({ loss: 0.05 }), 0.77],
    [
      'with 1 % loss, 1 % reordering and jitter of 2 ms',
      link({ loss: 0.01, reorder: 0.01, reorderMs: 3, jitterMs: 2, isOrdered: true }),
      0.84,
    ],
    ['with a queue of a fifth of that', link({ queue: 25_000 }), 0.8],
    ['between machines that are 10 ms late', link({ turnMs: 10 }), 0.84],
    ['with 1 % random loss between machines that are 25 ms late', link({ loss: 0.01, turnMs: 25 }), 0.7],
    ['with acknowledgements over a twentieth of the rate', link({ back: { rate: 125 } }), 0.86],
  ])('%s comes to a large share of the rate', (_, over, share) => {
    expect(moved(over)).toBeGreaterThan(MBIT * share);
  });

  test('with CUBIC fills a clean link, and a lossy one as little as CUBIC does', () => {
    expect(moved(link(), 'cubic')).toBeGreaterThan(MBIT * 0.88);
    expect(moved(link({ loss: 0.01 }), 'cubic')).toBeLessThan(MBIT / 2);
  });
});

test('two MRT connections have 40 to 60 % of a link each after 10 s', () => {
  const [first, second] = goodput(linkOf(10, 25), 20, [{}, {}]).map((rates) => mean(rates, 10));
  expect(first! / (first! + second!)).toBeGreaterThan(0.4);
  expect(first! / (first! + second!)).toBeLessThan(0.6);
});
