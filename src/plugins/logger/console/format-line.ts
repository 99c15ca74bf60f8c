import { styleText } from 'node:util';
import { errorCode, type LogFields, type LogLevel } from '../../../kernel/index.ts';

/** An event with its time in milliseconds since the epoch. */
export interface LogEvent {
  readonly time: number;
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}

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
    .map(([key, value]) => `${style('gray', `${escapeControls(key)}=`)}${formatValue(value)}`);
  const shownLevel = style(LEVEL_STYLES[level], level.toUpperCase().padEnd(LEVEL_WIDTH));
  return [style('gray', new Date(time).toISOString()), shownLevel, style('bold', escapeControls(event)), ...pairs].join(
    ' ',
  );
}

function formatValue(value: unknown): string {
  const text = describe(value);
  const shown = text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
  const needsQuotes = (typeof value === 'string' || value instanceof Error) && /[\s"=]|^$/.test(shown);
  return escapeControls(needsQuotes ? JSON.stringify(shown) : shown);
}

/** Text for any value. Bytes are counted, not shown. */
function describe(value: unknown): string {
  if (value instanceof Error) return describeError(value);
  if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value, (_key, each: unknown) => (isPlain(each) ? each : describe(each)));
  } catch {
    return '<not printable>';
  }
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'bigint' && !(value instanceof Error) && !ArrayBuffer.isView(value);
}

function describeError(error: Error): string {
  const text = `${errorCode(error) ?? error.name}: ${error.message}`;
  // One cause is enough to act on, and a chain may be a circle.
  return error.cause instanceof Error ? `${text}; cause: ${error.cause.name}: ${error.cause.message}` : text;
}

/**
 * Escapes what would move the cursor, colour the terminal or turn the text around: text of peers stands in these lines. The joiners
 * within emoji and scripts (U+200C, U+200D) do none of it.
 */
function escapeControls(text: string): string {
  return text.replaceAll(
    /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
