import cliProgress from 'cli-progress';
import type { BenchProgress } from '../bench/bench.ts';
import type { Clock } from '../kernel/index.ts';
import { clip } from './display-width.ts';
import { formatDuration } from './format.ts';
import type { StreamOutput } from './output.ts';

const BAR_WIDTH = 24;
const BAR = {
  barsize: BAR_WIDTH,
  barCompleteString: '\u2588'.repeat(BAR_WIDTH),
  barIncompleteString: '\u2591'.repeat(BAR_WIDTH),
  barGlue: '',
};
const REDRAW_MS = 100;
const DEFAULT_COLUMNS = 80;
/** Before this share is done, what is left cannot be told from what was. */
const FORESEEABLE = 0.02;
const ERASE = '\r\x1b[K';

/** How far a bench is, on the last line of a terminal; nothing where there is none. */
export class BenchProgressLine {
  readonly #output: StreamOutput;
  readonly #clock: Clock;
  readonly #started: number;
  #drawn = -Infinity;

  constructor(output: StreamOutput, clock: Clock) {
    this.#output = output;
    this.#clock = clock;
    this.#started = clock.now();
  }

  show({ fraction, label }: BenchProgress): void {
    const now = this.#clock.now();
    if (!this.#output.isTerminal || now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    const columns = this.#output.stream.columns ?? DEFAULT_COLUMNS;
    this.#output.write(`${ERASE}${benchProgressLine({ fraction, label }, now - this.#started, columns)}`);
  }

  /** Leaves the line empty. */
  clear(): void {
    if (this.#output.isTerminal && this.#drawn > -Infinity) this.#output.write(ERASE);
  }
}

/** The share done as a bar, how long is left, and what is being measured, on one line of less than `columns`. */
export function benchProgressLine({ fraction, label }: BenchProgress, elapsedMs: number, columns: number): string {
  const share = Math.min(Math.max(fraction, 0), 1);
  const bar = `${cliProgress.Format.BarFormat(share, BAR)} ${String(Math.floor(share * 100)).padStart(2)} %`;
  const left = share < FORESEEABLE ? '' : `${formatDuration((elapsedMs / share) * (1 - share))} left`;
  return clip([bar, left, label].filter((part) => part !== '').join('  '), columns - 1);
}
