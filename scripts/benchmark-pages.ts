import { formatRatio, formatValue } from '../src/bench/present/format-value.ts';
import { machineLine, versionsLine } from '../src/bench/present/headlines.ts';
import { leadersOf } from '../src/bench/present/leaders.ts';
import { withoutValue } from '../src/bench/present/table.ts';
import { bestOf, isMeasured, type BenchReport, type Row, type Section } from '../src/bench/report.ts';

/** Pages with figures in them; each has its text written by hand, and markers where the figures go. */
export const BENCHMARK_PAGES = ['bench/README.md', 'docs/benchmarks.md'] as const;

/** Below this factor chance may decide who is first. */
const CLEARLY_AHEAD = 1.2;

/**
 * A page with what stands between its markers written anew from the last full runs, by bench. There is `<!-- run NAME -->`: what ran
 * where; `<!-- leaders NAME -->`: who is first, and by how much; `<!-- figures NAME -->`: all medians. Each ends at the next `<!-- end -->`.
 */
export function fillBenchmarkPage(page: string, reports: ReadonlyMap<string, BenchReport>): string {
  return page.replaceAll(
    /(<!-- (run|leaders|figures) ([a-z]+) -->\n)[^]*?(<!-- end -->)/g,
    (_, begin: string, what: string, name: string, end: string) => {
      const report = reports.get(name);
      const text =
        report === undefined ? `No full run is kept in bench/results/${name}.json.` : WRITERS[what]?.(report);
      return `${begin}\n${text ?? ''}\n\n${end}`;
    },
  );
}

const WRITERS: Readonly<Record<string, (report: BenchReport) => string>> = {
  run: (report) =>
    [`\`${report.command}\`, ${report.seconds} s.`, machineLine(report), versionsLine(report)].join('  \n'),
  leaders: ({ sections }) => alike(sections).map(leaderTable).join('\n\n'),
  figures: ({ sections }) => sections.map(figureTable).join('\n\n'),
};

function leaderTable(sections: readonly Section[]): string {
  const rows = sections.map((section) => [
    nameOf(section),
    ...leadersOf(section).map((leader) => {
      if (leader === undefined) return '–';
      const { subject, ahead, next } = leader;
      return ahead >= CLEARLY_AHEAD ? `**${subject}** ${formatRatio(ahead)}` : `${subject}, ${next}`;
    }),
  ]);
  return table(['', ...(sections[0]?.rows ?? []).map(({ label }) => label)], rows);
}

function figureTable(section: Section): string {
  const { subjects, rows, rowsAre, unit, reference } = section;
  const body = subjects.map((subject) => [subject, ...rows.map((row) => figure(section, row, subject))]);
  const ratio = reference === undefined ? '' : `; ×: multiple of ${reference}`;
  const head = [rowsAre, ...rows.map(({ label }) => label)];
  return `#### ${nameOf(section)}\n\n${unit.label}${ratio}\n\n${table(head, body)}`;
}

function figure(section: Section, row: Row, subject: string): string {
  const cell = row.cells[subject];
  if (!isMeasured(cell)) return withoutValue(cell);
  const value = formatValue(cell.median, section.unit);
  const ratio = cell.ratio === undefined ? '' : ` ${formatRatio(cell.ratio)}`;
  return bestOf(section, row) === subject ? `**${value}**${ratio}` : `${value}${ratio}`;
}

/** Sections in groups of those that have the same rows, which go into one table. */
function alike(sections: readonly Section[]): Section[][] {
  const groups = new Map<string, Section[]>();
  for (const section of sections) {
    const key = section.rows.map(({ label }) => label).join('\n');
    groups.set(key, [...(groups.get(key) ?? []), section]);
  }
  return [...groups.values()];
}

function nameOf({ group, title }: Section): string {
  return title === '' ? group : `${group}: ${title}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(head),
    `|${head.map((_, index) => (index === 0 ? ' --- ' : ' ---: ')).join('|')}|`,
    ...rows.map(line),
  ].join('\n');
}
