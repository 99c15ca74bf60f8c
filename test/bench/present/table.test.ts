import { presentReport } from '../../../src/bench/present/table.ts';
import { sampleReport, sampleSection } from '../support/sample-report.ts';

describe('the table at a terminal', () => {
  const text = presentReport(sampleReport(), 100, false);

  test('says what ran where, and when', () => {
    expect(text).toContain('A processor, 2 cores, 8 GiB; linux 6 x64; load before 0.10');
    expect(text).toContain('peerhold 1.2.3, node 20.0.0; 2026-03-01 09:30 UTC; seed 1; quick');
  });

  test('has subjects down and rows across, the best starred, each with its ratio', () => {
    expect(text).toMatch(/^random order +100 +1,000 +10,000$/m);
    expect(text).toMatch(/^a +\*100 ns 0\.50× +200 ns 0\.50× +\*300 ns 1\.00×$/m);
    expect(text).toMatch(/^b <tree> +200 ns 1\.00× +\*100 ns 0\.25× +not run, about 25 s$/m);
  });

  test('says of a group once what it is about', () => {
    expect(text.match(/An empty set is filled/g)).toHaveLength(2);
  });

  test('keeps to the width, and goes on below', () => {
    const narrow = presentReport(sampleReport(), 44, false);
    const rows = narrow.split('\n').filter((line) => /^(a|b <tree>|reference) /.test(line));
    expect(Math.max(...rows.map(({ length }) => length))).toBeLessThanOrEqual(44);
    expect(narrow).toContain('not run, about 25 s');
  });

  test('names what failed and why', () => {
    const section = sampleSection();
    const cells = { ...section.rows[0]!.cells, a: { failed: 'lost a neighbour' } };
    const failed = presentReport(
      sampleReport({ sections: [{ ...section, rows: [{ label: '1', cells }] }] }),
      100,
      false,
    );
    expect(failed).toMatch(/^a +FAILED$/m);
    expect(failed).toContain('FAILED  a: lost a neighbour');
  });

  test('has no escape codes where there is no terminal', () => {
    expect(text).not.toContain('\x1b');
    expect(presentReport(sampleReport(), 100, true)).toContain('\x1b[1m*100 ns\x1b[0m');
  });
});
