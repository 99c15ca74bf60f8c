import type { Logger } from '../kernel/index.ts';

/** A logger that says nothing. */
export function silentLogger(): Logger {
  const ignore = () => undefined;
  const logger: Logger = {
    trace: ignore,
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: ignore,
    isEnabled: () => false,
    child: () => logger,
  };
  return logger;
}
