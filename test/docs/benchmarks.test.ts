import { BENCHMARK_PAGES, fillBenchmarkPage } from '../../scripts/benchmark-pages.ts';
import { BENCHES } from '../../src/bench/benches.ts';
import type { BenchReport } from '../../src/bench/report.ts';
import { filesBelow, textOf } from '../support/source-files.ts';

const results = filesBelow('bench/results').filter((file) => file.endsWith('.json'));
const reports = results.map((file) => ({ file, report: JSON.parse(textOf(file)) as BenchReport }));
const byBench = new Map(reports.map(({ report }) => [report.bench, report]));

describe('the pages with figures', () => {
  test.each(BENCHMARK_PAGES)('%s is what npm run docs writes of the last full runs', (page) => {
    expect(textOf(page)).toBe(fillBenchmarkPage(textOf(page), byBench));
  });

  test('show every bench', () => {
    for (const { name } of BENCHES) {
      expect(textOf('docs/benchmarks.md')).toContain(`<!-- run ${name} -->`);
      expect(textOf('bench/README.md')).toContain(`<!-- figures ${name} -->`);
    }
  });

  test('take their figures from full runs, each in the file of its bench', () => {
    for (const { file, report } of reports) {
      expect(file).toBe(`bench/results/${report.bench}.json`);
      expect(report).toMatchObject({ format: 1, quick: false });
    }
  });
});
