import { bestOf, candidates, isMeasured, type Section } from '../report.ts';

/** Who is best in a row, and by how much. */
export interface Leader {
  readonly subject: string;
  readonly next: string;
  /** The next one's median over the leader's, or the reverse where higher is better: 1 or more. */
  readonly ahead: number;
}

/** For each row of a section its leader; undefined where fewer than two were measured. */
export function leadersOf(section: Section): (Leader | undefined)[] {
  const { better, rows } = section;
  return rows.map((row) => {
    const subject = bestOf(section, row);
    const first = subject === undefined ? undefined : row.cells[subject];
    if (subject === undefined || !isMeasured(first)) return undefined;
    const others = { better, subjects: candidates(section).filter((each) => each !== subject) };
    const next = secondOf(others, row.cells);
    if (next === undefined) return undefined;
    const ratio = better === 'lower' ? next.median / first.median : first.median / next.median;
    return { subject, next: next.subject, ahead: ratio };
  });
}

function secondOf({ subjects, better }: Pick<Section, 'subjects' | 'better'>, cells: Section['rows'][number]['cells']) {
  return subjects
    .flatMap((subject) => {
      const cell = cells[subject];
      return isMeasured(cell) ? [{ subject, median: cell.median }] : [];
    })
    .sort((a, b) => (better === 'lower' ? a.median - b.median : b.median - a.median))[0];
}
