/**
 * What a bench found, as plain data: all that the table at a terminal, `--json` and the page of `--report` show. Numbers are in the base
 * unit of their section (seconds, bytes); whoever shows them picks the prefix.
 */
export interface BenchReport extends BenchResult {
  /** The version of this form; a change that breaks readers raises it. */
  readonly format: 1;
  /** The bench's name, as after `peerhold bench`. */
  readonly bench: string;
  /** The command that repeats it. */
  readonly command: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** How long the whole run took. */
  readonly seconds: number;
  readonly quick: boolean;
  readonly seed: number;
  readonly machine: Machine;
  /** Versions of what was compared and of what it ran on, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/** What a bench itself gives; the harness adds when, where and how it ran. */
export interface BenchResult {
  readonly title: string;
  /** How it was measured and what is counted, a paragraph each. */
  readonly method: readonly string[];
  /** What a reader has to know before the figures, a sentence each: what was left out, and why. */
  readonly notes?: readonly string[];
  readonly sections: readonly Section[];
}

/** The machine it ran on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** System, its release, and the architecture: `linux 6.1.0 x64`. */
  readonly system: string;
  /** Load average of the minute before the run began: above 0.5 or so the times are another program's too. */
  readonly loadBefore: number;
}

/** One table and one chart: subjects compared in one quantity, over rows such as sizes. */
export interface Section {
  /** Unlike all others of the report; kebab-case: `insert-random`. */
  readonly id: string;
  /** The heading that sections of one quantity share: `Insert all`. Sections of a group stand next to each other. */
  readonly group: string;
  /** What tells it from others of its group: `random order`. Empty where it is alone. */
  readonly title: string;
  /** One or two sentences: what was done, and what to look at. */
  readonly about: string;
  readonly unit: Unit;
  readonly better: 'lower' | 'higher';
  /** What is compared, in the order shown. */
  readonly subjects: readonly string[];
  /** The subject that `ratio` refers to; absent where none is a reference. */
  readonly reference?: string | undefined;
  /** Whether the reference is a bound and no candidate: it is shown in every row and is never the best of one. */
  readonly referenceIsBound?: boolean | undefined;
  /** Other bounds, with which comparing says nothing: shown in every row, never the best of one. */
  readonly bounds?: readonly string[] | undefined;
  /** What the rows tell apart, with its unit: `entries`, `bytes in a frame`. */
  readonly rowsAre: string;
  readonly rows: readonly Row[];
  /** Lines over a logarithmic `x`, for which every row has its `x`; or a group of bars for each row. */
  readonly chart: 'lines' | 'bars';
}

/** What a section compares, and with what. */
export type Comparison = Pick<Section, 'subjects' | 'reference' | 'referenceIsBound' | 'bounds'>;

/** What is counted, and how a value of it is written. */
export interface Unit {
  /** `duration` in seconds, `bytes`, `byteRate` in bytes a second, `rate` in times a second; `number` is written as it is. */
  readonly quantity: 'duration' | 'bytes' | 'byteRate' | 'rate' | 'number';
  /** The axis: `time per insert`, `CPU seconds per GiB`. */
  readonly label: string;
}

/** The subjects under one condition. */
export interface Row {
  readonly label: string;
  /** Place on the x axis of a line chart, above 0. */
  readonly x?: number | undefined;
  /** By subject; every subject of the section has one. */
  readonly cells: Readonly<Record<string, Cell>>;
}

export type Cell = Measured | NotRun | Failed;

/** A value, measured several times. */
export interface Measured {
  readonly median: number;
  /** First and third quartile. */
  readonly low: number;
  readonly high: number;
  /** Every sample, in the order they were taken. */
  readonly samples: readonly number[];
  /** The median as a multiple of the reference's in this row; absent where that has none. */
  readonly ratio?: number | undefined;
}

/** Left out, and why. */
export interface NotRun {
  readonly notRun: string;
  /** How long one sample of it would have taken, by the size before; absent where time is not the reason. */
  readonly projectedSeconds?: number | undefined;
}

/** Gave a wrong answer or none; its times would mean nothing. */
export interface Failed {
  readonly failed: string;
}

export function isMeasured(cell: Cell | undefined): cell is Measured {
  return cell !== undefined && 'median' in cell;
}

/** The cell of these samples; NotRun where there are none. */
export function measured(samples: readonly number[]): Cell {
  if (samples.length === 0) return { notRun: 'no sample was taken' };
  const sorted = [...samples].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75), samples };
}

/** The median of some figures; NaN where there are none. */
export function median(figures: readonly number[]): number {
  const cell = measured(figures);
  return isMeasured(cell) ? cell.median : NaN;
}

/** The section with the ratio of every measured cell to the reference's filled in. */
export function withRatios(section: Section): Section {
  const { reference } = section;
  if (reference === undefined) return section;
  const rows = section.rows.map((row) => {
    const base = row.cells[reference];
    if (!isMeasured(base) || base.median === 0) return row;
    const cells = Object.entries(row.cells).map(([subject, cell]) => [
      subject,
      isMeasured(cell) ? { ...cell, ratio: cell.median / base.median } : cell,
    ]);
    return { ...row, cells: Object.fromEntries(cells) as Row['cells'] };
  });
  return { ...section, rows };
}

/** The subject with the best median of a row; undefined where fewer than two were measured. */
export function bestOf(section: Pick<Section, 'better'> & Comparison, row: Row): string | undefined {
  const { better } = section;
  let best: { subject: string; median: number } | undefined;
  let count = 0;
  for (const subject of candidates(section)) {
    const cell = row.cells[subject];
    if (!isMeasured(cell)) continue;
    count += 1;
    const { median } = cell;
    if (best === undefined || (better === 'lower' ? median < best.median : median > best.median))
      best = { subject, median };
  }
  return count > 1 ? best?.subject : undefined;
}

/** The subjects that can be the best of a row. */
export function candidates({
  subjects,
  reference,
  referenceIsBound = false,
  bounds = [],
}: Comparison): readonly string[] {
  return subjects.filter((subject) => !(referenceIsBound && subject === reference) && !bounds.includes(subject));
}

/** Linear between the two samples nearest (Hyndman and Fan 1996, definition 7). */
function quantile(sorted: readonly number[], fraction: number): number {
  const place = (sorted.length - 1) * fraction;
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}
