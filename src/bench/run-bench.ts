import type { Bench, BenchContext } from './bench.ts';
import { thisMachine } from './machine.ts';
import { isMeasured, withRatios, type BenchReport, type Machine, type Section } from './report.ts';

/** What a report says of its own making. */
export interface RunFacts {
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** Runs a bench and puts together its report. Rejects as the bench does. */
export async function runBench(bench: Bench, context: BenchContext, facts: RunFacts): Promise<BenchReport> {
  const { clock, quick, seed } = context;
  const machine = thisMachine();
  const startedAt = new Date(clock.wallTime()).toISOString();
  const started = clock.now();
  const { sections, notes = [], ...texts } = await bench.run(context);
  const seconds = (clock.now() - started) / 1_000;
  return {
    format: 1,
    bench: bench.name,
    ...facts,
    startedAt,
    seconds: Math.round(seconds * 10) / 10,
    quick,
    seed,
    machine,
    ...texts,
    notes: [...busyNote(machine), ...notes],
    sections: sections.map((section) => withRatios(sparing(section))),
  };
}

/** Above this load for each core, other programs had a noticeable part of the time. */
const BUSY_LOAD = 0.5;

function busyNote({ loadBefore, cores }: Machine): string[] {
  if (loadBefore <= BUSY_LOAD * cores) return [];
  const load = loadBefore.toFixed(1);
  return [
    `The machine was busy with other work when this began (load ${load} on ${cores} cores): do not rely on these times.`,
  ];
}

/** Subjects that failed somewhere, each with its first reason. */
export function failuresOf({ sections }: Pick<BenchReport, 'sections'>): ReadonlyMap<string, string> {
  const failures = new Map<string, string>();
  for (const { rows } of sections)
    for (const { cells } of rows)
      for (const [subject, cell] of Object.entries(cells))
        if ('failed' in cell && !failures.has(subject)) failures.set(subject, cell.failed);
  return failures;
}

/** The section with numbers of as many digits as they are good for, so that files and diffs of it stay small. */
function sparing(section: Section): Section {
  const rows = section.rows.map((row) => {
    const cells = Object.entries(row.cells).map(([subject, cell]) => {
      if (!isMeasured(cell)) return [subject, cell];
      const { median, low, high, samples } = cell;
      return [
        subject,
        { median: sixDigits(median), low: sixDigits(low), high: sixDigits(high), samples: samples.map(sixDigits) },
      ];
    });
    return { ...row, cells: Object.fromEntries(cells) as typeof row.cells };
  });
  return { ...section, rows };
}

function sixDigits(value: number): number {
  return Number(value.toPrecision(6));
}
