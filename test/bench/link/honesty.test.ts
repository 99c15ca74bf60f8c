import { isHonest, lateShare, parseHonesty } from '../../../src/bench/link/honesty.ts';

const line = (changes: object = {}) =>
  JSON.stringify({
    name: 'x',
    directions: { 'a->b': { delivered: 700, lost: 3 }, 'b->a': { delivered: 300 } },
    tun_dropped: { a: 0, b: 0 },
    late_over_1ms: 4,
    late_max_ms: 7.5,
    ...changes,
  });

describe('what an emulator says of itself', () => {
  test('is summed over directions and ends', () => {
    const honesty = parseHonesty(line({ tun_dropped: { a: 2, b: 3 } }));
    expect(honesty).toEqual({ delivered: 1_000, unread: 5, late: 4, latestMs: 7.5 });
    expect(lateShare(honesty)).toBe(0.004);
  });

  test.each([
    ['no JSON', 'done', 'without its closing line'],
    ['nothing', '', 'without its closing line'],
    ['a field less', line({ late_max_ms: undefined }), 'late_max_ms'],
    ['a negative count', line({ late_over_1ms: -1 }), 'late_over_1ms'],
    ['an array', '[]', 'not as it should be'],
  ])('is refused where it is %s', (_what, text, problem) => {
    expect(() => parseHonesty(text)).toThrow(problem);
  });

  test.each([
    ['nothing was dropped unread and 1 % came late', {}, true],
    ['more came late', { late_over_1ms: 11 }, false],
    ['a packet was dropped unread', { tun_dropped: { a: 0, b: 1 } }, false],
    ['there were no packets', { directions: {}, late_over_1ms: 0 }, true],
  ])('is believed where %s: %j', (_when, changes, expected) => {
    expect(isHonest(parseHonesty(line({ late_over_1ms: 10, ...changes })))).toBe(expected);
  });
});
