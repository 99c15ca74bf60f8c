/** From most to least talkative. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What an event carries: plain values, bytes never. Never key material, never file content. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured events: a constant dotted name (`peer.joined`) and fields. Calls never throw and never wait. */
export interface Logger {
  trace(event: string, fields?: LogFields): void;
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** Whether an event of this level would go anywhere: ask before building costly fields. */
  isEnabled(level: LogLevel): boolean;
  /** A logger that adds these fields to every event; the event's own fields win. */
  child(fields: LogFields): Logger;
}
