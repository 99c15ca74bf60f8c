import cliProgress from 'cli-progress';
import { escapeForDisplay } from '../node/messages/display.ts';
import { clip, displayWidth } from './display-width.ts';
import { formatBytes, formatDuration, formatRate, shortId } from './format.ts';
import type { TransferFigures } from './transfer-meter.ts';

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
  readonly figures: TransferFigures;
}

/** A transfer as a bar and its figures, on one line of less than `columns`; a long name gives way to the figures. */
export function progressLine({ line, figures }: TransferInProgress, columns: number): string {
  const { received, size } = figures.progress;
  const fraction = size === 0 ? 1 : Math.min(received / size, 1);
  const bar = `${cliProgress.Format.BarFormat(fraction, BAR)} ${Math.floor(fraction * 100)} %`;
  const shown = describe(figures);
  const others = [bar, ...shown].reduce((width, part) => width + displayWidth(part) + GAP.length, 0);
  const name = clip(escapeForDisplay(line), Math.max(columns - 1 - others, SHORTEST_NAME));
  return clip([bar, name, ...shown].join(GAP), columns - 1);
}

function describe({ leftMs, peers, progress, rate }: TransferFigures): string[] {
  const { files, received, size } = progress;
  const [peer = ''] = peers;
  return [
    `${formatBytes(received)} of ${formatBytes(size)}`,
    files === undefined ? '' : `${files.ended}/${files.of} files`,
    rate === undefined ? '' : formatRate(rate, 1),
    leftMs === undefined ? '' : `${formatDuration(leftMs)} left`,
    peers.length > 1 ? `${peers.length} nodes` : shortId(peer),
  ].filter((figure) => figure !== '');
}
