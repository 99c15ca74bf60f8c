import { styleText } from 'node:util';
import { errorCode, type LogLevel } from '../../../kernel/index.ts';
import { escapeControls, type LogEvent } from '../../../kit/index.ts';

type Style = Parameters<typeof styleText>[0];

const LEVEL_STYLES: Readonly<Record<LogLevel, Style>> = {
  trace: 'gray',
  debug: 'gray',
  info: 'green',
  warn: 'yellow',
  error: 'red',
};
const LEVEL_WIDTH = 5;
/** Characters of one value that are shown. */
const MAX_VALUE_LENGTH = 1_000;

/**
 * One line for people: time (UTC, so that lines of nodes in different places compare), level, event, and `key=value` fields. Whatever
 * is in them, the line is one line and moves no cursor.
 */
export function formatLine({ time, level, event, fields }: LogEvent, coloured: boolean): string {
  const style = (styleOfPart: Style, text: string) =>
    coloured ? styleText(styleOfPart, text, { validateStream: false }) : text;
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${style('gray', `${escapeText(key)}=`)}${formatValue(value)}`);
  const shownLevel = style(LEVEL_STYLES[level], level.toUpperCase().padEnd(LEVEL_WIDTH));
  return [style('gray', new Date(time).toISOString()), shownLevel, style('bold', escapeText(event)), ...pairs].join(
    ' ',
  );
}

function formatValue(value: unknown): string {
  const text = describe(value);
  const shown = text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
  const needsQuotes = (typeof value === 'string' || value instanceof Error) && /[\s"=]|^$/.test(shown);
  return escapeText(needsQuotes ? JSON.stringify(shown) : shown);
}

/** Text for any value. Bytes are counted, not shown. */
function describe(value: unknown): string {
  if (value instanceof Error) return describeError(value);
  if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value, replace);
  } catch {
    return '<not printable>';
  }
}

/** Looks at what was there before `toJSON`, which would spell out the bytes of a Buffer. */
function replace(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const original = this[key];
  const isPlain = typeof value !== 'bigint' && !(original instanceof Error) && !ArrayBuffer.isView(original);
  return isPlain ? value : describe(original);
}

function describeError(error: Error): string {
  const text = `${errorCode(error) ?? error.name}: ${error.message}`;
  // One cause is enough to act on, and a chain may be a circle.
  return error.cause instanceof Error ? `${text}; cause: ${error.cause.name}: ${error.cause.message}` : text;
}

function escapeText(text: string): string {
  return escapeControls(text, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
