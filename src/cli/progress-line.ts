import cliProgress from 'cli-progress';
import type { TransferProgress } from '../node/api.ts';
import { escapeForDisplay } from '../node/messages/display.ts';
import { formatBytes, formatDuration, formatRate, shortId } from './format.ts';

const BAR_WIDTH = 24;
const BAR = {
  barsize: BAR_WIDTH,
  barCompleteString: '\u2588'.repeat(BAR_WIDTH),
  barIncompleteString: '\u2591'.repeat(BAR_WIDTH),
  barGlue: '',
};

/** One transfer under way. */
export interface TransferInProgress {
  /** What was asked for, as typed. */
  readonly line: string;
  readonly progress: TransferProgress;
  /** How long it has taken so far. */
  readonly elapsedMs: number;
}

/** A transfer as a bar and its figures, on one line shorter than `columns`. */
export function progressLine({ line, progress, elapsedMs }: TransferInProgress, columns: number): string {
  const { received, size, source } = progress;
  const fraction = size === 0 ? 1 : Math.min(received / size, 1);
  const parts = [
    `${cliProgress.Format.BarFormat(fraction, BAR)} ${Math.floor(fraction * 100)} %`,
    escapeForDisplay(line),
    `${formatBytes(received)} of ${formatBytes(size)}`,
    formatRate(received, elapsedMs / 1000),
    received === 0 ? '' : `${formatDuration((elapsedMs / received) * (size - received))} left`,
    shortId(source),
  ];
  const text = parts.filter((part) => part !== '').join('  ');
  return text.slice(0, Math.max(0, columns - 1));
}
