import type { EChartsOption, LineSeriesOption } from 'echarts';
import { importOptional } from '../optional-package.ts';
import { formatNumber, formatValue } from '../present/format-value.ts';
import { isMeasured, type Row, type Section } from '../report.ts';

/** Draws a section as SVG: text that stands in a page as it is, with no script. */
export type ChartDrawer = (section: Section) => string;

const WIDTH = 620;
const HEIGHT = 400;
const LEGEND_ROW = 22;
/** Width of a character of the legend, of the mark before a name, and between two, for telling how many rows it takes. */
const LEGEND_CHARACTER = 7.1;
const LEGEND_MARK = 30;
const LEGEND_GAP = 14;
/** From this ratio of the largest value to the least on, a line chart is drawn on a logarithmic axis. */
const LOG_FROM = 8;
/** Bytes are counted in powers of two, so that marks on a logarithmic axis have round labels. */
const BYTE_STEP = 16;
const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'pin', 'arrow', 'roundRect'];
const TEXT = { color: 'var(--ink)', fontFamily: 'inherit', fontSize: 12 } as const;
const FAINT = { ...TEXT, color: 'var(--faint)' } as const;

/** Colours that `style.ts` defines; a subject has the same one throughout a page. */
export const COLOURS = 10;

/** Colour of the subject at a place of a section's list, as CSS. */
export function colourOf(place: number): string {
  return `var(--series-${place % COLOURS})`;
}

/** @throws ERR_NOT_INSTALLED where the charting library is missing. */
export async function loadChartDrawer(): Promise<ChartDrawer> {
  const { init } = await importOptional('echarts', () => import('echarts'));
  return (section) => {
    const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
    try {
      chart.setOption(optionsOf(section));
      return named(chart.renderToSVGString(), section);
    } finally {
      chart.dispose();
    }
  };
}

/** A section as the charting library takes it. Apart from the drawing, so that it can be looked at. */
export function optionsOf(section: Section): EChartsOption {
  const { unit, rowsAre, rows, chart, better } = section;
  const values = section.subjects.flatMap((subject) => rows.map(({ cells }) => cells[subject]).filter(isMeasured));
  const medians = values.map(({ median }) => median).filter((median) => median > 0);
  const logarithmic = chart === 'lines' && Math.max(...medians) / Math.min(...medians) >= LOG_FROM;
  const legendHeight = LEGEND_ROW * legendRows(section.subjects);
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: TEXT,
    legend: {
      bottom: 0,
      left: 'center',
      width: WIDTH - 20,
      itemGap: LEGEND_GAP,
      itemHeight: 10,
      // Without a browser the library does not know how wide text is.
      data: section.subjects.map((name) => ({ name, textStyle: { ...TEXT, width: name.length * LEGEND_CHARACTER } })),
    },
    grid: { left: 74, right: 24, top: 34, bottom: legendHeight + 56, containLabel: false },
    xAxis: {
      ...(chart === 'lines'
        ? logarithmicPlaces(rows)
        : { type: 'category' as const, data: rows.map(({ label }) => label) }),
      name: rowsAre,
      nameLocation: 'middle',
      nameGap: 30,
      nameTextStyle: TEXT,
      axisLine: { show: true, lineStyle: { color: 'var(--line)' } },
      axisTick: { show: chart === 'lines', lineStyle: { color: 'var(--line)' } },
      splitLine: { show: false },
      axisLabel: {
        ...FAINT,
        interval: 0,
        hideOverlap: true,
        ...(chart === 'lines' ? { formatter: (value: number) => labelAt(value, rows) } : {}),
      },
    },
    yAxis: {
      type: logarithmic ? 'log' : 'value',
      logBase: unit.quantity === 'bytes' || unit.quantity === 'byteRate' ? BYTE_STEP : 10,
      name: `${unit.label}  (${better} is better)`,
      nameLocation: 'end',
      nameTextStyle: { ...TEXT, align: 'left', padding: [0, 0, 0, -64] },
      nameGap: 14,
      axisLine: { show: false },
      splitLine: { lineStyle: { color: 'var(--grid)' } },
      axisLabel: { ...FAINT, formatter: (value: number) => formatValue(value, unit) },
    },
    series: section.subjects.map((subject, place) =>
      chart === 'lines' ? line(section, subject, place) : bar(section, subject, place),
    ),
  } as EChartsOption;
}

function line({ rows }: Section, subject: string, place: number): LineSeriesOption {
  const colour = colourOf(place);
  return {
    type: 'line',
    name: subject,
    symbol: SYMBOLS[place % SYMBOLS.length] ?? 'circle',
    symbolSize: 8,
    lineStyle: { color: colour, width: 2, type: place < SYMBOLS.length ? 'solid' : 'dashed' },
    itemStyle: { color: colour },
    data: rows.map(({ x, cells }) => {
      const cell = cells[subject];
      return [x ?? NaN, isMeasured(cell) ? cell.median : '-'];
    }),
  };
}

function bar({ rows }: Section, subject: string, place: number) {
  return {
    type: 'bar' as const,
    name: subject,
    barMaxWidth: 36,
    itemStyle: { color: colourOf(place) },
    data: rows.map(({ cells }) => {
      const cell = cells[subject];
      return isMeasured(cell) ? cell.median : '-';
    }),
  };
}

/** How many rows the legend takes. */
function legendRows(subjects: readonly string[]): number {
  let rows = 1;
  let width = 0;
  for (const { length } of subjects) {
    const item = LEGEND_MARK + length * LEGEND_CHARACTER + LEGEND_GAP;
    if (width > 0 && width + item > WIDTH - 20) {
      rows += 1;
      width = 0;
    }
    width += item;
  }
  return rows;
}

/** The x axis of a line chart: a mark at each row, where the rows are one factor apart. */
function logarithmicPlaces(rows: readonly Row[]) {
  const [first = 1, second = 10] = rows.map(({ x }) => x ?? NaN);
  return { type: 'log' as const, logBase: second / first, min: first, max: rows.at(-1)?.x ?? second };
}

/** The label of the row at a place of the x axis, or the number there. */
function labelAt(value: number, rows: readonly Row[]): string {
  const row = rows.find(({ x = NaN }) => Math.abs(x / value - 1) < 1e-6);
  return row?.label ?? formatNumber(value);
}

/** The drawing with a name for those who do not see it, of the width of its place, and without what would answer a pointer. */
function named(svg: string, { group, title }: Section): string {
  const name = escapeMarkup([group, title].filter((part) => part !== '').join(', '));
  return svg
    .replaceAll(/<style[^]*?<\/style>/g, '')
    .replaceAll(/ (?:class="zr[^"]*"|ecmeta_[a-z_]+="[^"]*")/g, '')
    .replace(/^<svg width="(\d+)" height="(\d+)"/, '<svg class="chart" role="img"')
    .replace(/^(<svg[^>]*)>/, `$1 aria-label="${name}"><title>${name}</title>`);
}

/** Text as it stands in HTML and XML, in attributes too. */
export function escapeMarkup(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
