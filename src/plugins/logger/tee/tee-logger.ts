import type { LogFields, LogLevel, Logger } from '../../../kernel/index.ts';

/** Hands every event on to several loggers; whether one of them writes it is its own affair. */
export class TeeLogger implements Logger {
  readonly #loggers: readonly Logger[];

  constructor(loggers: readonly Logger[]) {
    this.#loggers = loggers;
  }

  trace(event: string, fields?: LogFields): void {
    for (const logger of this.#loggers) logger.trace(event, fields);
  }

  debug(event: string, fields?: LogFields): void {
    for (const logger of this.#loggers) logger.debug(event, fields);
  }

  info(event: string, fields?: LogFields): void {
    for (const logger of this.#loggers) logger.info(event, fields);
  }

  warn(event: string, fields?: LogFields): void {
    for (const logger of this.#loggers) logger.warn(event, fields);
  }

  error(event: string, fields?: LogFields): void {
    for (const logger of this.#loggers) logger.error(event, fields);
  }

  isEnabled(level: LogLevel): boolean {
    return this.#loggers.some((logger) => logger.isEnabled(level));
  }

  child(fields: LogFields): Logger {
    return new TeeLogger(this.#loggers.map((logger) => logger.child(fields)));
  }
}
