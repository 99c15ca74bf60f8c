import fc from 'fast-check';
import { MAX_COUNTER, MAX_WRITERS } from '../../../src/node/messages/limits.ts';
import {
  compareRecency,
  compareVersions,
  incrementVersion,
  mergeVersions,
  moreRecent,
  parseVersion,
  sumOfCounters,
  versionText,
} from '../../../src/node/messages/version-vector.ts';
import type { FileRecord, VersionVector } from '../../../src/node/records.ts';
import { hex32, record } from './samples.ts';

const [ann, bob, eve] = [hex32('a'), hex32('b'), hex32('e')];

const vector = (entries: Record<string, number>): VersionVector => new Map(Object.entries(entries));

const arbitraryVersion = fc
  .dictionary(fc.constantFrom(ann, bob, eve), fc.integer({ min: 1, max: 4 }), { noNullPrototype: true })
  .map(vector);
const arbitraryRecord: fc.Arbitrary<FileRecord> = fc
  .record({
    version: arbitraryVersion,
    checksum: fc.constantFrom('', '0'.repeat(64), 'f'.repeat(64)),
    user: fc.constantFrom('ann', 'bob'),
    writer: fc.constantFrom(ann, bob),
  })
  .map(record);

describe('compareVersions', () => {
  test.each([
    ['equal', { [ann]: 2 }, { [ann]: 2 }],
    ['covers', { [ann]: 2 }, { [ann]: 1 }],
    ['covers', { [ann]: 1, [bob]: 1 }, { [ann]: 1 }],
    ['covered', { [ann]: 1 }, { [ann]: 1, [bob]: 1 }],
    ['conflict', { [ann]: 2 }, { [ann]: 1, [bob]: 1 }],
    ['conflict', { [ann]: 1 }, { [bob]: 9 }],
  ] as const)('%s', (order, a, b) => {
    expect(compareVersions(vector(a), vector(b))).toBe(order);
  });

  test('the other way round it says the opposite', () => {
    const opposite = { equal: 'equal', covers: 'covered', covered: 'covers', conflict: 'conflict' };
    fc.assert(
      fc.property(arbitraryVersion, arbitraryVersion, (a, b) => {
        expect(compareVersions(b, a)).toBe(opposite[compareVersions(a, b)]);
      }),
    );
  });
});

describe('mergeVersions', () => {
  test('takes the greater counter of every writer', () => {
    expect(mergeVersions(vector({ [ann]: 3, [bob]: 1 }), vector({ [bob]: 2, [eve]: 1 }))).toEqual(
      vector({ [ann]: 3, [bob]: 2, [eve]: 1 }),
    );
  });

  test('changes neither of the two', () => {
    const [a, b] = [vector({ [ann]: 1 }), vector({ [ann]: 2 })];
    mergeVersions(a, b);
    expect([a, b]).toEqual([vector({ [ann]: 1 }), vector({ [ann]: 2 })]);
  });
});

describe('incrementVersion', () => {
  test('the first change of a file counts 1', () => {
    expect(incrementVersion([], ann)).toEqual(vector({ [ann]: 1 }));
  });

  test('covers all that was seen', () => {
    fc.assert(
      fc.property(fc.array(arbitraryVersion), (seen) => {
        const version = incrementVersion(seen, ann);
        expect(seen.map((other) => compareVersions(version, other)).every((order) => order === 'covers')).toBe(true);
      }),
    );
  });

  test('stays within what can be sent, whatever was forged', () => {
    const forged = new Map(
      Array.from({ length: MAX_WRITERS }, (_, index) => [index.toString(16).padStart(32, '0'), index + 1]),
    );
    const version = incrementVersion([forged], ann);
    expect(version.size).toBe(MAX_WRITERS);
    expect(version.get(ann)).toBe(1);
    expect(version.has(hex32('0'))).toBe(false);
    expect(incrementVersion([vector({ [ann]: MAX_COUNTER })], ann).get(ann)).toBe(MAX_COUNTER);
  });
});

describe('moreRecent', () => {
  test('a version that covers another is the more recent, whatever its checksum', () => {
    const older = record({ version: vector({ [ann]: 1 }), checksum: 'f'.repeat(64) });
    const newer = record({ version: vector({ [ann]: 1, [bob]: 1 }), checksum: '0'.repeat(64) });
    expect([moreRecent(newer, older), moreRecent(older, newer)]).toEqual([true, false]);
  });

  test('of two in conflict the one with more changes is the more recent', () => {
    const one = record({ version: vector({ [ann]: 1 }), checksum: 'f'.repeat(64) });
    const three = record({ version: vector({ [bob]: 3 }), checksum: '0'.repeat(64) });
    expect([moreRecent(three, one), moreRecent(one, three)]).toEqual([true, false]);
  });

  test('of two in conflict with equally many changes the greater checksum is, so content comes before a deletion', () => {
    const kept = record({ version: vector({ [ann]: 2 }) });
    const deleted = record({ version: vector({ [bob]: 2 }), checksum: '' });
    expect([moreRecent(kept, deleted), moreRecent(deleted, kept)]).toEqual([true, false]);
  });

  test('what clocks say does not matter', () => {
    const a = record({ version: vector({ [ann]: 2 }), modifiedMs: 1 });
    const b = record({ version: vector({ [ann]: 1 }), modifiedMs: 2 });
    expect(moreRecent(a, b)).toBe(true);
  });

  test('covering implies being more recent', () => {
    fc.assert(
      fc.property(arbitraryRecord, arbitraryRecord, (a, b) => {
        if (compareVersions(a.version, b.version) === 'covers') expect(moreRecent(a, b)).toBe(true);
      }),
    );
  });

  test('is a total order: antisymmetric, transitive, and a tie only between equals', () => {
    fc.assert(
      fc.property(arbitraryRecord, arbitraryRecord, arbitraryRecord, (a, b, c) => {
        expect(Math.sign(compareRecency(b, a)) + 0).toBe(-Math.sign(compareRecency(a, b)) + 0);
        if (moreRecent(a, b) && moreRecent(b, c)) expect(moreRecent(a, c)).toBe(true);
        if (compareRecency(a, b) === 0) expect(a).toEqual(b);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the text of a version', () => {
  test('is sorted by id, so that equal versions read alike', () => {
    const text = `${ann}:1,${bob}:2`;
    expect(
      versionText(
        new Map([
          [bob, 2],
          [ann, 1],
        ]),
      ),
    ).toBe(text);
    expect(parseVersion(text)).toEqual(vector({ [ann]: 1, [bob]: 2 }));
  });

  test.each([
    '',
    ',',
    ann,
    `${ann}:0`,
    `${ann}:01`,
    `${ann}:-1`,
    `${ann}:1,`,
    `${ann}:1;${bob}:1`,
    `${bob}:1,${ann}:1`,
    `${ann}:1,${ann}:1`,
    `${ann}:${MAX_COUNTER + 1}`,
    `${ann.toUpperCase()}:1`,
  ])('%j is no version', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });
});

test('the sum of the largest version is exact', () => {
  const largest = new Map(Array.from({ length: MAX_WRITERS }, (_, index) => [String(index), MAX_COUNTER]));
  expect(BigInt(sumOfCounters(largest))).toBe(BigInt(MAX_WRITERS) * BigInt(MAX_COUNTER));
  expect(Number.isSafeInteger(sumOfCounters(largest))).toBe(true);
});
