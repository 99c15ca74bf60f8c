import { measured, withRatios, type BenchReport, type Section } from '../../../src/bench/report.ts';

/** A section of two subjects and a reference over three sizes; the second was not run at the largest. */
export function sampleSection(changes: Partial<Section> = {}): Section {
  const subjects = ['a', 'b <tree>', 'reference'];
  const row = (x: number, medians: readonly number[]) => ({
    label: x.toLocaleString('en-US'),
    x,
    cells: Object.fromEntries(subjects.map((name, index) => [name, measured([medians[index]!])])),
  });
  const rows = [row(100, [1e-7, 2e-7, 2e-7]), row(1_000, [2e-7, 1e-7, 4e-7]), row(10_000, [3e-7, 1, 3e-7])];
  rows[2]!.cells['b <tree>'] = { notRun: 'it would take too long', projectedSeconds: 25.3 };
  return withRatios({
    id: 'insert-random',
    group: 'Insert all',
    title: 'random order',
    about: 'An empty set is filled.',
    unit: { quantity: 'duration', label: 'time per insertion' },
    better: 'lower',
    subjects,
    reference: 'reference',
    rowsAre: 'neighbours',
    rows,
    chart: 'lines',
    ...changes,
  });
}

/** A report with a chart of each kind. */
export function sampleReport(changes: Partial<BenchReport> = {}): BenchReport {
  return {
    format: 1,
    bench: 'sample',
    command: 'peerhold bench sample',
    startedAt: '2026-03-01T09:30:00.000Z',
    seconds: 12.3,
    quick: true,
    seed: 1,
    machine: { processor: 'A processor', cores: 2, memoryBytes: 2 ** 33, system: 'linux 6 x64', loadBefore: 0.1 },
    versions: { peerhold: '1.2.3', node: '20.0.0' },
    title: 'A sample',
    method: ['How it was done.'],
    sections: [
      sampleSection(),
      sampleSection({ id: 'insert-ascending', title: 'ascending order' }),
      sampleSection({
        id: 'memory',
        group: 'Memory',
        title: '',
        unit: { quantity: 'bytes', label: 'bytes per entry' },
        chart: 'bars',
      }),
    ],
    ...changes,
  };
}
