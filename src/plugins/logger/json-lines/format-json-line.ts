import { errorCode } from '../../../kernel/index.ts';
import { escapeControls, type LogEvent } from '../../../kit/index.ts';

/** Characters of one text that are written: every message of the protocol is shorter when it is described. */
const MAX_TEXT_LENGTH = 16 * 1024;
const NOT_PRINTABLE = '<not printable>';

/**
 * One event as one line of JSON: `time` (ISO 8601, UTC), `level`, `event`, `fields`. Whatever is in the fields, the line is one line, is
 * JSON and holds no control character; bytes are counted, not shown.
 */
export function formatJsonLine({ time, level, event, fields }: LogEvent): string {
  const values = Object.keys(fields).map((key) => [key, fields[key]] as const);
  const written = values.flatMap(([key, value]) => {
    const text = toJson(value);
    return text === undefined ? [] : [`${JSON.stringify(key)}:${text}`];
  });
  const head = JSON.stringify({ time: new Date(time).toISOString(), level, event }).slice(0, -1);
  return escapeControls(`${head},"fields":{${written.join()}}}`, escapeInJson);
}

/** JSON of any value; `undefined` where there is nothing to write. */
function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, replace);
  } catch {
    // It contains itself, or a getter or toJSON of it throws.
    return JSON.stringify(NOT_PRINTABLE);
  }
}

/** What JSON has no words for, in words. Looks at what was there before `toJSON`, which would spell out the bytes of a Buffer. */
function replace(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const original = this[key];
  if (ArrayBuffer.isView(original) || original instanceof ArrayBuffer) return `<${original.byteLength} bytes>`;
  if (original instanceof Error) return describeError(original);
  if (typeof value === 'string' && value.length > MAX_TEXT_LENGTH) return `${value.slice(0, MAX_TEXT_LENGTH)}…`;
  const isForeign = ['bigint', 'symbol', 'function'].includes(typeof value);
  const isNoNumber = typeof value === 'number' && !Number.isFinite(value);
  return isForeign || isNoNumber ? String(value) : value;
}

function describeError(error: Error): unknown {
  const { name, message } = error;
  // One cause is enough to act on, and a chain may be a circle.
  const cause = error.cause instanceof Error ? `${error.cause.name}: ${error.cause.message}` : undefined;
  return { code: errorCode(error) ?? name, message, cause };
}

function escapeInJson(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
