import { decodeFrame, encodeMessage } from '../../../src/node/messages/codec.ts';
import { MAX_RANGES } from '../../../src/node/messages/limits.ts';
import type { SummMessage } from '../../../src/node/messages/message.ts';
import { Reconciliation } from '../../../src/node/overlay/reconciliation.ts';
import { seededRandom } from '../../../src/kit/index.ts';
import { summOf } from './support/neighbour.ts';

const SEED = '0123456789abcdef';

/** So many keys, drawn at random. */
function keys(count: number, seed: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => Math.floor(random.fraction() * 2 ** 52));
}

/** Two ends that compare until both are done: what each found the other to lack, and what went between them. */
function compare(ours: readonly number[], theirs: readonly number[]) {
  const [a, b] = [new Reconciliation({ seed: SEED, keys: ours }), new Reconciliation({ seed: SEED, keys: theirs })];
  const frames: Uint8Array[] = [];
  const ends = [b, a];
  for (let turn: SummMessage | undefined = a.begin(), index = 0; turn !== undefined; index++) {
    const frame = encodeMessage(turn);
    frames.push(frame);
    turn = ends[index % 2]?.receive(decodeFrame(frame) as SummMessage);
  }
  return {
    turns: frames.length,
    bytes: frames.reduce((sum, { length }) => sum + length, 0),
    fromA: ours.filter((key) => a.isLacked(key)),
    fromB: theirs.filter((key) => b.isLacked(key)),
  };
}

function missing(wanted: readonly number[], found: readonly number[]): number[] {
  const all = new Set(found);
  return wanted.filter((key) => !all.has(key));
}

const inOrder = (list: readonly number[]) => [...list].sort((a, b) => a - b);

describe('two ends that know the same', () => {
  test.each([0, 1, 32, 33, 600, 30_000])('%i things: one message says so, of less than 500 bytes', (count) => {
    const { turns, bytes, fromA, fromB } = compare(keys(count, 1), keys(count, 1));
    expect([turns, fromA, fromB]).toEqual([1, [], []]);
    expect(bytes).toBeLessThan(500);
  });
});

describe('what one end lacks is found, and nothing else', () => {
  test.each([
    ['each has something of its own', 5, 3, 1_000],
    ['one is new', 5_000, 6, 0],
    ['the other is new', 2, 5_000, 0],
    ['one knows nothing', 100, 0, 0],
    ['they have nothing in common', 500, 400, 0],
    ['they differ in one of many', 1, 0, 30_000],
    ['they differ in many of many', 700, 600, 10_000],
  ])('where %s', (_what, ofA, ofB, both) => {
    const [a, b, common] = [keys(ofA, 1), keys(ofB, 2), keys(both, 3)];
    const { fromA, fromB } = compare([...a, ...common], [...b, ...common]);
    expect(inOrder(fromA)).toEqual(inOrder(a));
    expect(inOrder(fromB)).toEqual(inOrder(b));
  });

  test('also where the difference is so large that it is told whole', () => {
    const [a, b, common] = [keys(40_000, 1), keys(40_000, 2), keys(1_000, 3)];
    const { fromA, fromB, turns } = compare([...a, ...common], [...b, ...common]);
    expect(missing(a, fromA)).toEqual([]);
    expect(missing(b, fromB)).toEqual([]);
    expect(turns).toBeLessThan(400);
  });
});

test('a difference takes bytes in proportion to it, however much there is in common', () => {
  const bytesFor = (difference: number, common: number) =>
    compare([...keys(difference, 1), ...keys(common, 3)], keys(common, 3)).bytes;
  for (const common of [1_000, 10_000, 100_000]) {
    for (const difference of [1, 10, 100]) expect(bytesFor(difference, common)).toBeLessThan(2_500 * (difference + 1));
  }
});

test('a newcomer is told what it lacks after one turn of each', () => {
  expect(compare(keys(6, 1), keys(6_000, 2)).turns).toBeLessThanOrEqual(2);
});

describe('a peer that does not play by the rules', () => {
  const begun = () => {
    const reconciliation = new Reconciliation({ seed: SEED, keys: keys(5_000, 1) });
    reconciliation.begin();
    return reconciliation;
  };
  const MALFORMED = expect.objectContaining({ code: 'ERR_MESSAGE' }) as Error;

  test('may not change the seed', () => {
    expect(() => begun().receive(summOf('f'.repeat(16)))).toThrow(MALFORMED);
  });

  test('may not go on when all was compared', () => {
    const reconciliation = begun();
    reconciliation.receive(summOf(SEED));
    expect(() => reconciliation.receive(summOf(SEED))).toThrow(MALFORMED);
  });

  test('may not go on for ever', () => {
    const reconciliation = begun();
    expect(() => {
      for (;;) reconciliation.receive({ ...summOf(SEED), more: true });
    }).toThrow(MALFORMED);
  });

  test('gets an answer within the limits whatever it says differs', () => {
    const reconciliation = new Reconciliation({ seed: SEED, keys: keys(50_000, 1) });
    const prefixes = Array.from({ length: MAX_RANGES }, (_, index) => index.toString(16).padStart(3, '0'));
    const ranges = prefixes.map((prefix) => ({ prefix, count: 1_000_000, sum: '0'.repeat(13) }));
    for (let turn = 0; turn < 100; turn++) {
      const answer = reconciliation.receive({ ...summOf(SEED), more: true, ranges });
      expect(() => encodeMessage(answer ?? summOf(SEED))).not.toThrow();
    }
  });

  test('learns nothing from asking for keys that are not there', () => {
    const reconciliation = begun();
    reconciliation.receive({ ...summOf(SEED), wants: ['0'.repeat(13), 'f'.repeat(13)] });
    expect(reconciliation.lacksAnything).toBe(false);
  });
});
