import {
  LOG_LEVELS,
  type Clock,
  type LogFields,
  type LogLevel,
  type Logger,
  type TextOutput,
} from '../../../kernel/index.ts';
import { formatLine } from './format-line.ts';

/** Where lines go, from which level on, and how they look. */
export interface ConsoleTarget {
  readonly output: TextOutput;
  readonly clock: Clock;
  readonly level: LogLevel;
  readonly coloured: boolean;
}

/** Writes events as lines for people. */
export class ConsoleLogger implements Logger {
  readonly #target: ConsoleTarget;
  /** Of each ancestor, the nearest last. */
  readonly #inherited: readonly LogFields[];

  constructor(target: ConsoleTarget, inherited: readonly LogFields[] = []) {
    this.#target = target;
    this.#inherited = inherited;
  }

  trace(event: string, fields?: LogFields): void {
    this.#write('trace', event, fields);
  }

  debug(event: string, fields?: LogFields): void {
    this.#write('debug', event, fields);
  }

  info(event: string, fields?: LogFields): void {
    this.#write('info', event, fields);
  }

  warn(event: string, fields?: LogFields): void {
    this.#write('warn', event, fields);
  }

  error(event: string, fields?: LogFields): void {
    this.#write('error', event, fields);
  }

  isEnabled(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(this.#target.level);
  }

  child(fields: LogFields): Logger {
    return new ConsoleLogger(this.#target, [...this.#inherited, fields]);
  }

  #write(level: LogLevel, event: string, fields: LogFields = {}): void {
    if (!this.isEnabled(level)) return;
    const { output, clock, coloured } = this.#target;
    try {
      const all = mergeFields([...this.#inherited, fields]);
      output.write(`${formatLine({ time: clock.wallTime(), level, event, fields: all }, coloured)}\n`);
    } catch {
      // Nobody is left to tell that the log cannot be written, and a node does not end for it.
    }
  }
}

/** A getter among the fields may throw: the event is written without them then. */
function mergeFields(fields: readonly LogFields[]): LogFields {
  try {
    return Object.assign({}, ...fields) as LogFields;
  } catch {
    return { fields: '<not printable>' };
  }
}
