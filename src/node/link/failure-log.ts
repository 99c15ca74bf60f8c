import { errorCode, type Address, type Clock, type ErrorCode, type Logger, type Timer } from '../../kernel/index.ts';

/** A handshake that failed on the listening side. */
export interface HandshakeFailure {
  /** Whom it is counted for. */
  readonly source: string;
  readonly remote: Address;
  readonly error: Error;
}

/** What is told of failures: the first at once, those that follow within a minute as one line with their count. */
export interface FailureReport {
  readonly source: string;
  /** Of the last failure counted. */
  readonly remote: Address;
  readonly code: ErrorCode;
  readonly message: string;
  /** Failures since the report before. */
  readonly count: number;
}

export interface FailureLogOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onReport: (report: FailureReport) => void;
}

interface Tally {
  count: number;
  last: HandshakeFailure;
  timer: Timer;
}

const WINDOW_MS = 60_000;
/** Sources and codes told apart; those beyond share one line for each code. */
const MAX_TALLIES = 1_024;
const OTHER_SOURCES = 'others';

/** Tells of failed handshakes without letting those who cause them fill the log: one line a minute for each source and code. */
export class FailureLog {
  readonly #options: FailureLogOptions;
  readonly #tallies = new Map<string, Tally>();

  constructor(options: FailureLogOptions) {
    this.#options = options;
  }

  record(failure: HandshakeFailure): void {
    const counted = this.#tallies.size < MAX_TALLIES ? failure : (this.#known(failure) ?? anonymous(failure));
    const key = keyOf(counted);
    const tally = this.#tallies.get(key);
    if (tally !== undefined) {
      tally.count++;
      tally.last = counted;
      return;
    }
    this.#tallies.set(key, { count: 0, last: counted, timer: this.#startWindow(key) });
    this.#report(counted, 1);
  }

  /** Tells what was only counted so far. */
  close(): void {
    for (const { count, last, timer } of this.#tallies.values()) {
      timer.cancel();
      if (count > 0) this.#report(last, count);
    }
    this.#tallies.clear();
  }

  #known(failure: HandshakeFailure): HandshakeFailure | undefined {
    return this.#tallies.has(keyOf(failure)) ? failure : undefined;
  }

  #startWindow(key: string): Timer {
    return this.#options.clock.setTimer(WINDOW_MS, () => this.#endWindow(key));
  }

  #endWindow(key: string): void {
    const tally = this.#tallies.get(key);
    if (tally === undefined) return;
    if (tally.count === 0) {
      this.#tallies.delete(key);
      return;
    }
    this.#report(tally.last, tally.count);
    tally.count = 0;
    tally.timer = this.#startWindow(key);
  }

  #report({ source, remote, error }: HandshakeFailure, count: number): void {
    const report = { source, remote, code: codeOf(error), message: error.message, count };
    this.#options.logger.warn('handshake.failed', report);
    this.#options.onReport(report);
  }
}

function keyOf({ source, error }: HandshakeFailure): string {
  return `${codeOf(error)} ${source}`;
}

function codeOf(error: Error): FailureReport['code'] {
  return errorCode(error) ?? 'ERR_INTERNAL';
}

function anonymous(failure: HandshakeFailure): HandshakeFailure {
  return { ...failure, source: OTHER_SOURCES };
}
