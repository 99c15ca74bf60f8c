import { bestOf, measured, withRatios } from '../../src/bench/report.ts';
import { leadersOf } from '../../src/bench/present/leaders.ts';
import { failuresOf } from '../../src/bench/run-bench.ts';
import { sampleReport, sampleSection } from './support/sample-report.ts';

describe('a cell', () => {
  test('has the median and the quartiles of its samples, in whatever order they came', () => {
    expect(measured([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 2, high: 4, samples: [5, 1, 4, 2, 3] });
    expect(measured([1, 2])).toMatchObject({ median: 1.5, low: 1.25, high: 1.75 });
  });

  test('without samples says so', () => {
    expect(measured([])).toEqual({ notRun: 'no sample was taken' });
  });
});

describe('a section', () => {
  test('has ratios to its reference in each row', () => {
    const [row] = sampleSection().rows;
    expect(row?.cells).toMatchObject({ a: { ratio: 0.5 }, 'b <tree>': { ratio: 1 }, reference: { ratio: 1 } });
  });

  test('has none where the reference was not measured', () => {
    const section = sampleSection();
    const rows = [{ label: 'x', cells: { ...section.rows[0]!.cells, reference: { notRun: 'it is not installed' } } }];
    expect(
      withRatios({ ...section, rows: rows.map((row) => ({ ...row, cells: { ...row.cells, a: measured([1]) } })) })
        .rows[0]!.cells['a'],
    ).not.toHaveProperty('ratio');
  });

  test('has a best subject where two or more were measured', () => {
    const section = sampleSection();
    expect(section.rows.map((row) => bestOf(section, row))).toEqual(['a', 'b <tree>', 'a']);
    expect(bestOf({ ...section, better: 'higher' }, section.rows[0]!)).toBe('b <tree>');
    expect(bestOf(section, { label: '', cells: { a: measured([1]) } })).toBeUndefined();
  });

  test('has leaders, each with the one behind it and how far', () => {
    expect(leadersOf(sampleSection())[0]).toEqual({ subject: 'a', next: 'b <tree>', ahead: 2 });
    expect(leadersOf(sampleSection({ better: 'higher' }))[0]).toEqual({
      subject: 'b <tree>',
      next: 'reference',
      ahead: 1,
    });
  });
});

test('a report names each subject that failed, once', () => {
  const section = sampleSection();
  const cells = { ...section.rows[0]!.cells, a: { failed: 'lost a neighbour' } };
  const failed = {
    ...section,
    rows: [
      { label: '1', x: 1, cells },
      { label: '2', x: 2, cells },
    ],
  };
  expect([...failuresOf(sampleReport({ sections: [section, failed] }))]).toEqual([['a', 'lost a neighbour']]);
});
