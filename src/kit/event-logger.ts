import { LOG_LEVELS, type Clock, type LogFields, type LogLevel, type Logger } from '../kernel/index.ts';

/** An event as it was logged. */
export interface LogEvent {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}

export interface EventLoggerOptions {
  readonly clock: Clock;
  /** The least important level that is handed on. */
  readonly level: LogLevel;
  /** Takes an event, the fields of all ancestors in it; what it throws is swallowed. */
  readonly write: (event: LogEvent) => void;
}

/** A logger that hands every event to one function: what a logger plugin needs beside its own way to write. */
export function eventLogger(options: EventLoggerOptions): Logger {
  return new EventLogger(options, []);
}

class EventLogger implements Logger {
  readonly #options: EventLoggerOptions;
  /** Of each ancestor, the nearest last. */
  readonly #inherited: readonly LogFields[];

  constructor(options: EventLoggerOptions, inherited: readonly LogFields[]) {
    this.#options = options;
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
    return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(this.#options.level);
  }

  child(fields: LogFields): Logger {
    return new EventLogger(this.#options, [...this.#inherited, fields]);
  }

  #write(level: LogLevel, event: string, fields: LogFields = {}): void {
    if (!this.isEnabled(level)) return;
    const { clock, write } = this.#options;
    try {
      write({ time: clock.wallTime(), level, event, fields: mergeFields([...this.#inherited, fields]) });
    } catch {
      // Nobody is left to tell that an event cannot be written, and a node does not end for it.
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
