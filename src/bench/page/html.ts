import { formatRatio, formatValue } from '../present/format-value.ts';
import { machineLine } from '../present/headlines.ts';
import { projected } from '../present/table.ts';
import { leadersOf } from '../present/leaders.ts';
import { bestOf, isMeasured, type BenchReport, type Cell, type Section } from '../report.ts';
import { failuresOf } from '../run-bench.ts';
import { colourOf, escapeMarkup, type ChartDrawer } from './charts.ts';
import { STYLE } from './style.ts';

/** Marks a page as one of ours, which may be replaced. */
export const GENERATOR = '<meta name="generator" content="peerhold bench">';

/** The whole report as one HTML document: nothing is loaded from anywhere, and no script runs. */
export function renderPage(report: BenchReport, draw: ChartDrawer): string {
  const groups = [...groupBy(report.sections, ({ group }) => group)];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
${GENERATOR}
<title>${escapeMarkup(report.title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escapeMarkup(report.title)}</h1>
${facts(report)}
${(report.notes ?? []).map((note) => `<p>${escapeMarkup(note)}</p>`).join('\n')}
${failures(report)}
</header>
<nav><ul>
<li><a href="#leaders">Who leads</a></li>
${groups.map(([group]) => `<li><a href="#${anchor(group)}">${escapeMarkup(group)}</a></li>`).join('\n')}
<li><a href="#method">Method</a></li>
</ul></nav>
<main>
${leaders(report)}
${groups.map(([group, sections]) => renderGroup(group, sections, draw)).join('\n')}
<h2 id="method">Method</h2>
${report.method.map((paragraph) => `<p>${escapeMarkup(paragraph)}</p>`).join('\n')}
</main>
<footer>Every sample is in <a download="report.json" href="${dataLink(report)}">report.json</a>, which this page contains.</footer>
</body>
</html>
`;
}

function facts(report: BenchReport): string {
  const { command, versions, startedAt, seconds, quick, seed } = report;
  const items = {
    Command: `<code>${escapeMarkup(command)}</code>`,
    Machine: escapeMarkup(machineLine(report)),
    Versions: escapeMarkup(
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ),
    Run: `${escapeMarkup(startedAt.slice(0, 16).replace('T', ' '))} UTC, ${seconds} s${quick ? ', quick' : ''}, seed ${seed}`,
  };
  const rows = Object.entries(items).map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`);
  return `<dl>\n${rows.join('\n')}\n</dl>`;
}

function failures(report: BenchReport): string {
  const items = [...failuresOf(report)].map(
    ([subject, reason]) => `<li><strong>${escapeMarkup(subject)}</strong>: ${escapeMarkup(reason)}</li>`,
  );
  return items.length === 0
    ? ''
    : `<div class="failed"><p>Failed, and so not timed:</p><ul>${items.join('')}</ul></div>`;
}

/** Below this factor chance may decide who is first. */
const CLEARLY_AHEAD = 1.2;

/** The best of every row in one table, so that a reader sees at a glance where what is ahead. */
function leaders({ sections }: BenchReport): string {
  const tables = [...groupBy(sections, ({ rows }) => rows.map(({ label }) => label).join('\n'))].map(([, alike]) => {
    const [first] = alike;
    if (first === undefined) return '';
    const head = ['', ...first.rows.map(({ label }) => label)]
      .map((label) => `<th>${escapeMarkup(label)}</th>`)
      .join('');
    const body = alike.map((section) => {
      const cells = leadersOf(section).map((leader) => {
        if (leader === undefined) return '<td class="without">–</td>';
        const { subject, ahead, next } = leader;
        const clear = ahead >= CLEARLY_AHEAD;
        const spread = clear ? `${formatRatio(ahead)} ahead` : `level with ${escapeMarkup(next)}`;
        return `<td class="${clear ? 'lead' : 'level'}">${swatch(section, subject)}${escapeMarkup(subject)}<span class="spread">${spread}</span></td>`;
      });
      return `<tr><td>${escapeMarkup(nameOf(section))}</td>${cells.join('')}</tr>`;
    });
    return `<div class="scroll"><table class="leaders"><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table></div>`;
  });
  return `<h2 id="leaders">Who leads</h2>
<p class="faint">The best median under each condition. Ahead: the next best is worse by that factor; level: by less than ${CLEARLY_AHEAD}.</p>
${tables.join('\n')}`;
}

function renderGroup(group: string, sections: readonly Section[], draw: ChartDrawer): string {
  return `<h2 id="${anchor(group)}">${escapeMarkup(group)}</h2>
<p class="faint">${escapeMarkup(sections[0]?.about ?? '')}</p>
<div class="grid">
${sections.map((section) => renderSection(section, draw)).join('\n')}
</div>`;
}

function renderSection(section: Section, draw: ChartDrawer): string {
  return `<figure id="${escapeMarkup(section.id)}">
<h3>${escapeMarkup(nameOf(section))}</h3>
<div class="scroll">${draw(section)}</div>
${missing(section)}<details><summary>Figures</summary>
<div class="scroll">${figures(section)}</div>
</details>
</figure>`;
}

/** What the chart has no point for, and why: nothing is left out in silence. */
function missing({ subjects, rows }: Section): string {
  const items = subjects.flatMap((subject) => {
    const at = rows.flatMap(({ label, cells }) => {
      const cell = cells[subject];
      return cell !== undefined && !isMeasured(cell) ? [`${label} (${reasonOf(cell)})`] : [];
    });
    return at.length === 0 ? [] : [`${subject} at ${at.join(', ')}`];
  });
  return items.length === 0 ? '' : `<p class="faint missing">Without a point: ${escapeMarkup(items.join('; '))}.</p>\n`;
}

function figures(section: Section): string {
  const { subjects, rows, rowsAre, reference } = section;
  const head = subjects.map((subject) => `<th>${swatch(section, subject)}${escapeMarkup(subject)}</th>`).join('');
  const body = rows.map((row) => {
    const best = bestOf(section, row);
    const cells = subjects.map((subject) => figure(section, row.cells[subject], subject === best));
    return `<tr><td>${escapeMarkup(row.label)}</td>${cells.join('')}</tr>`;
  });
  const ratio = reference === undefined ? '' : `, and as a multiple of ${escapeMarkup(reference)}`;
  return `<table><thead><tr><th>${escapeMarkup(rowsAre)}</th>${head}</tr></thead><tbody>
${body.join('\n')}
</tbody></table><p class="faint">Median${ratio}; below it first to third quartile and the number of samples. Marked: the best of its row.</p>`;
}

function figure({ unit }: Section, cell: Cell | undefined, best: boolean): string {
  if (!isMeasured(cell)) return `<td class="without">${escapeMarkup(reasonOf(cell))}</td>`;
  const { median, low, high, samples, ratio } = cell;
  const times = ratio === undefined ? '' : ` <span class="faint">${formatRatio(ratio)}</span>`;
  const spread = `${formatValue(low, unit)} – ${formatValue(high, unit)}, n = ${samples.length}`;
  return `<td${best ? ' class="best"' : ''}>${formatValue(median, unit)}${times}<span class="spread">${spread}</span></td>`;
}

function reasonOf(cell: Cell | undefined): string {
  if (cell === undefined) return '';
  if ('failed' in cell) return `failed: ${cell.failed}`;
  if (!('notRun' in cell)) return '';
  const { notRun, projectedSeconds } = cell;
  return projectedSeconds === undefined ? `not run: ${notRun}` : `not run, ${projected(projectedSeconds)}`;
}

function swatch({ subjects }: Section, subject: string): string {
  return `<span class="swatch" style="background: ${colourOf(subjects.indexOf(subject))}"></span>`;
}

function nameOf({ group, title }: Section): string {
  return title === '' ? group : `${group}: ${title}`;
}

function anchor(group: string): string {
  return `group-${group.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
}

function dataLink(report: BenchReport): string {
  return `data:application/json;base64,${Buffer.from(JSON.stringify(report)).toString('base64')}`;
}

function groupBy<T>(list: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
