import type { OutputEvent } from './events.ts';

/** An event as one JSON line: `event` first, then the number of its command, then its fields. */
export function presentJson(output: OutputEvent): string {
  const { event, command, ...fields } = output;
  return `${JSON.stringify({ event, ...(command === undefined ? {} : { command }), ...fields })}\n`;
}
