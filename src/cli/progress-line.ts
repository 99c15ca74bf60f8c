import cliProgress from 'cli-progress';
import type { TransferProgress } from '../node/api.ts';
import { escapeForDisplay } from '../node/messages/display.ts';
import { clip, displayWidth } from './display-width.ts';
import { formatBytes, formatDuration, formatRate, shortId } from './format.ts';

const BAR_WIDTH = 24;
const BAR = {
  barsize: BAR_WIDTH,
  barCompleteString: '\u2588'.repeat(BAR_WIDTH),
  barIncompleteString: '\u2591'.repeat(BAR_WIDTH),
  barGlue: '',
};

const GAP = '  ';
/** Columns that what was asked for keeps on a narrow terminal. */
const SHORTEST_NAME = 12;

/** One transfer under way. */
export interface TransferInProgress {
  /** What was asked for, as typed. */
  readonly line: string;
  readonly progress: TransferProgress;
  /** How long it has taken so far. */
  readonly elapsedMs: number;
}

/** A transfer as a bar and its figures, on one line of less than `columns`; a long name gives way to the figures. */
export function progressLine({ line, progress, elapsedMs }: TransferInProgress, columns: number): string {
  const { received, size, source } = progress;
  const fraction = size === 0 ? 1 : Math.min(received / size, 1);
  const bar = `${cliProgress.Format.BarFormat(fraction, BAR)} ${Math.floor(fraction * 100)} %`;
  const figures = [
    `${formatBytes(received)} of ${formatBytes(size)}`,
    formatRate(received, elapsedMs / 1000),
    received === 0 ? '' : `${formatDuration((elapsedMs / received) * (size - received))} left`,
    shortId(source),
  ].filter((figure) => figure !== '');
  const others = [bar, ...figures].reduce((width, part) => width + displayWidth(part) + GAP.length, 0);
  const name = clip(escapeForDisplay(line), Math.max(columns - 1 - others, SHORTEST_NAME));
  return clip([bar, name, ...figures].join(GAP), columns - 1);
}
