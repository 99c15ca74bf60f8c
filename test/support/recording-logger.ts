import type { LogFields, LogLevel, Logger } from '../../src/kernel/index.ts';

export interface RecordedEvent {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}

/** Keeps every event, those of its children included, in the order of the calls. */
export class RecordingLogger implements Logger {
  readonly events: RecordedEvent[];
  readonly #fields: LogFields;

  constructor(events: RecordedEvent[] = [], fields: LogFields = {}) {
    this.events = events;
    this.#fields = fields;
  }

  /** The events of this name. */
  named(event: string): RecordedEvent[] {
    return this.events.filter((recorded) => recorded.event === event);
  }

  trace(event: string, fields?: LogFields): void {
    this.#record('trace', event, fields);
  }

  debug(event: string, fields?: LogFields): void {
    this.#record('debug', event, fields);
  }

  info(event: string, fields?: LogFields): void {
    this.#record('info', event, fields);
  }

  warn(event: string, fields?: LogFields): void {
    this.#record('warn', event, fields);
  }

  error(event: string, fields?: LogFields): void {
    this.#record('error', event, fields);
  }

  isEnabled(): boolean {
    return true;
  }

  child(fields: LogFields): RecordingLogger {
    return new RecordingLogger(this.events, { ...this.#fields, ...fields });
  }

  #record(level: LogLevel, event: string, fields: LogFields = {}): void {
    this.events.push({ level, event, fields: { ...this.#fields, ...fields } });
  }
}
