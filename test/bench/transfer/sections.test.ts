import type { SampleOutcome } from '../../../src/bench/interleave.ts';
import { bestOf, withRatios, type Section } from '../../../src/bench/report.ts';
import type { ComparedProfiles } from '../../../src/bench/transfer/compared-profiles.ts';
import type { Move } from '../../../src/bench/transfer/mover.ts';
import type { TransferPlan } from '../../../src/bench/transfer/plan.ts';
import { transferSections, type TransferFigures } from '../../../src/bench/transfer/sections.ts';

const MIB = 2 ** 20;
const plan: TransferPlan = {
  large: { bytes: 64 * MIB, warmBytes: MIB, rounds: 3, seconds: 1 },
  folder: { files: 2_000, fileBytes: 16 * 1_024, warmFiles: 1, rounds: 3, seconds: 1 },
  sources: { bytes: 8 * MIB, rate: 10_000_000, rounds: 3, seconds: 1 },
  change: { bytes: 64 * MIB, changedBytes: MIB, rounds: 3 },
};
const profiles: ComparedProfiles = {
  first: { name: 'near', profile: 'near' },
  open: { name: 'near without cipher', profile: 'bench-open', cipher: 'clear' },
  usual: { name: 'far', profile: 'far' },
  limited: { name: 'near', profile: 'bench-limited' },
};

const moves = (...seconds: number[]): SampleOutcome<Move> => ({
  samples: seconds.map((each) => ({ seconds: each, sender: 100 * MIB, receiver: 80 * MIB })),
});

const figures: TransferFigures = {
  profiles,
  large: new Map([
    ['limit program', moves(1, 2, 3)],
    ['plain TCP', moves(1)],
    ['near', moves(4)],
    ['near without cipher', moves(2)],
    ['far', { failed: 'it tore' }],
  ]),
  folder: new Map([
    ['near', moves(2)],
    ['far', moves(4)],
  ]),
  sources: new Map([
    ['one source', moves(8)],
    ['3 sources', moves(3)],
    ['4 sources', moves(2)],
    ['4 sources, one frozen half way', moves(3.3)],
  ]),
  change: { samples: [3 * MIB, 2 * MIB, 2 * MIB] },
};

const sectionsOf = (changed: Partial<TransferFigures> = {}) =>
  transferSections({ ...figures, ...changed }, plan).map(withRatios);
const section = (id: string, sections: readonly Section[] = sectionsOf()) => sections.find((each) => each.id === id)!;
const cell = (id: string, subject: string, row = 0) => section(id).rows[row]!.cells[subject];

test('every subject of a section has a cell in every row, and ids are unlike each other', () => {
  const sections = sectionsOf();
  expect(new Set(sections.map(({ id }) => id)).size).toBe(sections.length);
  for (const { subjects, rows } of sections) for (const { cells } of rows) expect(Object.keys(cells)).toEqual(subjects);
});

test('a large file is told in bytes a second, as a multiple of the limit program and of plain TCP', () => {
  expect(cell('large-limit', 'near')).toMatchObject({ median: 16 * MIB, ratio: 0.5 });
  expect(cell('large-plain', 'near')).toMatchObject({ median: 16 * MIB, ratio: 0.25 });
  expect(cell('large-plain', 'near without cipher')).toMatchObject({ ratio: 0.5 });
  expect(section('large-limit').rows[0]!.label).toBe('64 MiB');
});

test('neither bound is ever the best', () => {
  for (const id of ['large-limit', 'large-plain']) {
    const { subjects, rows } = section(id);
    expect(subjects).toHaveLength(4);
    expect(bestOf(section(id), rows[0]!)).toBe('near without cipher');
  }
});

test('a folder is told in files and in bytes a second', () => {
  expect(cell('folder-files', 'near')).toMatchObject({ median: 1_000 });
  expect(cell('folder-bytes', 'far')).toMatchObject({ median: 500 * 16 * 1_024 });
});

test('several sources are multiples of one, and the run with a frozen one of that with one fewer', () => {
  expect(cell('sources-rate', '4 sources')).toMatchObject({ ratio: 4 });
  expect(cell('sources-frozen', '4 sources, one frozen half way')).toMatchObject({
    median: 3.3,
    ratio: expect.closeTo(1.1) as number,
  });
  expect(section('sources-frozen').reference).toBe('3 sources');
});

test('what a change costs stands beside what was changed', () => {
  expect(cell('change', 'near')).toMatchObject({ median: 2 * MIB, ratio: 2 });
  expect(section('change').rows[0]!.label).toBe('1 MiB of 64 MiB');
});

test('memory is told of both ends', () => {
  expect(cell('memory', 'near', 0)).toMatchObject({ median: 100 * MIB });
  expect(cell('memory', 'limit program', 1)).toMatchObject({ median: 80 * MIB });
});

test('where the system does not tell the memory of others it is left out, with the reason', () => {
  const large = new Map([['near', { samples: [{ seconds: 1, sender: undefined, receiver: undefined }] }]]);
  const { rows } = section('memory', sectionsOf({ large }));
  expect(rows[0]!.cells['near']).toEqual({ notRun: 'this system does not tell it of another process' });
});

test('what failed says why wherever it would have had a figure', () => {
  for (const [id, row] of [
    ['large-limit', 0],
    ['large-plain', 0],
    ['memory', 1],
  ] as const)
    expect(cell(id, 'far', row)).toEqual({ failed: 'it tore' });
  const change = section('change', sectionsOf({ change: { failed: 'it stuck' } }));
  expect(change.rows[0]!.cells['near']).toEqual({ failed: 'it stuck' });
});
