import { bestOf, isMeasured, type BenchReport, type Cell, type Row, type Section } from '../report.ts';
import { failuresOf } from '../run-bench.ts';
import { formatNumber, formatRatio, formatValue } from './format-value.ts';
import { machineLine, versionsLine } from './headlines.ts';

const GAP = '  ';
const BEST = '*';
const BOLD = '\x1b[1m';
const DIM = '\x1b[2m';
const PLAIN = '\x1b[0m';

/**
 * The report for a terminal of so many columns: a table for each section, subjects down and rows across, the best of each row starred. A
 * section with more rows than fit is continued below.
 */
export function presentReport(report: BenchReport, columns: number, styled: boolean): string {
  const strong = (text: string) => (styled ? `${BOLD}${text}${PLAIN}` : text);
  const faint = (text: string) => (styled ? `${DIM}${text}${PLAIN}` : text);
  const lines = [
    strong(report.title),
    faint(machineLine(report)),
    faint(versionsLine(report)),
    ...(report.notes ?? []).flatMap((note) => wrap(note, columns)),
    '',
  ];
  let group: string | undefined;
  for (const section of report.sections) {
    if (section.group !== group) {
      group = section.group;
      lines.push(strong(group), ...wrap(section.about, columns).map(faint), '');
    }
    for (const block of blocks(section, columns)) lines.push(...block.map((line) => starred(line, strong)), '');
  }
  for (const [subject, reason] of failuresOf(report)) lines.push(`FAILED  ${subject}: ${reason}`);
  lines.push(faint(legend(report)), '');
  return lines.join('\n');
}

function legend({ sections, seconds }: BenchReport): string {
  const reference = sections.find((section) => section.reference !== undefined)?.reference;
  const ratio = reference === undefined ? '' : ` ×: multiple of ${reference}.`;
  return `${BEST} best of its column; medians.${ratio} Took ${formatNumber(Math.round(seconds))} s.`;
}

/** A section's table, cut into as many as it takes. */
function blocks(section: Section, columns: number): string[][] {
  const { subjects, title, rowsAre } = section;
  const heads = [title === '' ? rowsAre : title, ...subjects];
  const first = column(heads);
  const rest = section.rows.map((row) => column([row.label, ...cellsOf(section, row)], 'right'));
  const result: string[][] = [];
  for (let at = 0; at < rest.length;) {
    let width = first.width;
    const taken: string[][] = [];
    while (at < rest.length) {
      const next = rest[at];
      if (next === undefined || (taken.length > 0 && width + GAP.length + next.width > columns)) break;
      width += GAP.length + next.width;
      taken.push(next.lines);
      at += 1;
    }
    result.push(
      first.lines.map((line, index) => [line, ...taken.map((lines) => lines[index] ?? '')].join(GAP).trimEnd()),
    );
  }
  return result;
}

/** The cells of a row as text, values and ratios each in line. */
function cellsOf(section: Section, row: Row): string[] {
  const best = bestOf(section, row);
  const texts = section.subjects.map((subject) => {
    const cell = row.cells[subject];
    if (!isMeasured(cell)) return { value: withoutValue(cell), ratio: '' };
    return {
      value: `${subject === best ? BEST : ''}${formatValue(cell.median, section.unit)}`,
      ratio: cell.ratio === undefined ? '' : formatRatio(cell.ratio),
    };
  });
  const ratioWidth = Math.max(...texts.map(({ ratio }) => ratio.length));
  return texts.map(({ value, ratio }) =>
    ratioWidth === 0 || value === '' ? value : `${value} ${ratio.padStart(ratioWidth)}`,
  );
}

/** Why there is no value, as short as a cell is. */
export function withoutValue(cell: Cell | undefined): string {
  if (cell === undefined) return '';
  if ('failed' in cell) return 'FAILED';
  if ('notRun' in cell)
    return cell.projectedSeconds === undefined ? 'not run' : `not run, ${projected(cell.projectedSeconds)}`;
  return '';
}

/** How long something would take: `about 25 s`. */
export function projected(seconds: number): string {
  return `about ${formatNumber(Number(seconds.toPrecision(2)))} s`;
}

function column(lines: readonly string[], align?: 'right'): { readonly lines: string[]; readonly width: number } {
  const width = Math.max(...lines.map(({ length }) => length));
  const pad = (line: string) => (align === 'right' ? line.padStart(width) : line.padEnd(width));
  return { lines: lines.map(pad), width };
}

/** The starred values of a line in bold, where the terminal can. */
function starred(line: string, strong: (text: string) => string): string {
  return line.replaceAll(/\*[^ ]+(?: [^ \d]+)?/g, strong);
}

function wrap(text: string, columns: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
