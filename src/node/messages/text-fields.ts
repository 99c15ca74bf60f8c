import { KernelError } from '../../kernel/index.ts';
import { quote } from './display.ts';
import { MAX_NUMBER } from './limits.ts';

/**
 * One kind of field of a text message. `read` takes the text as it stands between two separators, `write` makes it. Both refuse with
 * ERR_MESSAGE what the other would not give back; `path` says where, as in `FILE: version`.
 */
export interface Field<T> {
  read(text: string, path: string): T;
  write(value: T, path: string): string;
}

/** Between the fields of a message. */
export const FIELD_SEPARATOR = '^';
/** Between the inner fields of a field. */
const INNER_SEPARATOR = '&';

/** Characters that never stand for themselves in a field: the two separators, the escape, C0, DEL and C1. */
// eslint-disable-next-line no-control-regex -- Control characters are what is looked for.
const ESCAPED = /[\^&%\u0000-\u001f\u007f-\u009f]/g;
const UNPAIRED_SURROGATE = /\p{Surrogate}/u;
/** What none of the two finds anything in: nearly every field, and one look is cheaper. */
const PLAIN = /^[ -$'-\]_-~]*$/;

/** The error for a field that is not what it should be. */
export function malformed(path: string, problem: string, cause?: unknown): KernelError {
  return new KernelError('ERR_MESSAGE', `${path}: ${problem}`, cause === undefined ? undefined : { cause });
}

/**
 * A field of a single value. `parse` gives `undefined` for text that is no such value; `format` need not check: what it makes is parsed
 * before it is sent, so that we never send what a peer would refuse.
 */
export function valueField<T>(
  expected: string,
  parse: (text: string) => T | undefined,
  format: (value: T) => string,
): Field<T> {
  const check = (text: string, path: string): T => {
    const value = parse(text);
    if (value === undefined) throw malformed(path, `expected ${expected}, got ${quote(text)}`);
    return value;
  };
  return {
    read: (text, path) => check(unescapeField(text, path), path),
    write: (value, path) => {
      const text = format(value);
      const isPlain = PLAIN.test(text);
      if (!isPlain && UNPAIRED_SURROGATE.test(text)) throw malformed(path, 'text with an unpaired surrogate');
      check(text, path);
      return isPlain ? text : escapeField(text);
    },
  };
}

/** Text that matches a pattern whole. */
export function textField(expected: string, pattern: RegExp): Field<string> {
  return valueField(
    expected,
    (text) => (pattern.test(text) ? text : undefined),
    (text) => text,
  );
}

/** A whole number in decimal digits, without leading zeros. */
export function numberField(min: number, max: number): Field<number> {
  return valueField(
    `a whole number from ${min} to ${max}`,
    (text) => {
      if (!/^(0|-?[1-9]\d{0,15})$/.test(text)) return undefined;
      const value = Number(text);
      return value >= min && value <= max ? value : undefined;
    },
    String,
  );
}

/** 0 or 1. */
export const flagField: Field<boolean> = valueField(
  '0 or 1',
  (text) => (text === '1' ? true : text === '0' ? false : undefined),
  (value) => (value ? '1' : '0'),
);

/** 0 up to the largest exact whole number. */
export const countField = numberField(0, MAX_NUMBER);

/** What says who: a node id or a transfer number, 16 bytes in lower-case hex. */
export const idField = textField('32 lower-case hex digits', /^[0-9a-f]{32}$/);

/** A field that holds inner fields. */
export function innerField<T>(
  read: (inner: FieldReader) => T,
  write: (inner: FieldWriter, value: T) => void,
): Field<T> {
  return {
    read: (text, path) => read(new FieldReader(path, text.split(INNER_SEPARATOR))),
    write: (value, path) => {
      const inner = new FieldWriter(path);
      write(inner, value);
      return inner.join(INNER_SEPARATOR);
    },
  };
}

/** A field whose inner fields are all alike; empty where there are none. */
export function innerListField<T>(item: Field<T>, limit: number): Field<readonly T[]> {
  const checkCount = (count: number, path: string): void => {
    if (count > limit) throw malformed(path, `${count} of them, at most ${limit} are allowed`);
  };
  return {
    read: (text, path) => {
      const parts = text === '' ? [] : text.split(INNER_SEPARATOR);
      checkCount(parts.length, path);
      return parts.map((part, index) => item.read(part, `${path} ${index + 1}`));
    },
    write: (values, path) => {
      checkCount(values.length, path);
      return values.map((value, index) => item.write(value, `${path} ${index + 1}`)).join(INNER_SEPARATOR);
    },
  };
}

/** Takes fields one after the other. Fields nobody asks for are ignored: they come from a later minor version. */
export class FieldReader {
  /** The message, or the field whose inner fields these are: for error messages. */
  readonly path: string;
  readonly #fields: readonly string[];
  #next = 0;

  constructor(path: string, fields: readonly string[]) {
    this.path = path;
    this.#fields = fields;
  }

  /** The next field, which must be there. */
  read<T>(name: string, field: Field<T>): T {
    const text = this.#fields[this.#next];
    if (text === undefined) throw malformed(this.path, `the field ${name} is missing`);
    this.#next += 1;
    return field.read(text, `${this.path}: ${name}`);
  }

  /** The next field, or its documented default where the message ended before it. */
  readOr<T>(name: string, field: Field<T>, absent: T): T {
    return this.#next < this.#fields.length ? this.read(name, field) : absent;
  }

  /** A list: how many, then each, for which `read` takes one or several fields. An absent list is empty. */
  list<T>(name: string, limit: number, read: (name: string) => T): T[] {
    const count = this.readOr(`count of ${name}`, numberField(0, limit), 0);
    const items: T[] = [];
    // Not made at full length beforehand: a count costs its sender nothing.
    while (items.length < count) items.push(read(`${name} ${items.length + 1}`));
    return items;
  }
}

/** Collects fields one after the other. */
export class FieldWriter {
  /** The message, or the field whose inner fields these are: for error messages. */
  readonly path: string;
  readonly #fields: string[] = [];

  constructor(path: string) {
    this.path = path;
  }

  write<T>(name: string, field: Field<T>, value: T): void {
    this.#fields.push(field.write(value, `${this.path}: ${name}`));
  }

  /** A list: how many, then each. */
  list<T>(name: string, limit: number, items: readonly T[], write: (name: string, item: T) => void): void {
    this.write(`count of ${name}`, numberField(0, limit), items.length);
    items.forEach((item, index) => write(`${name} ${index + 1}`, item));
  }

  join(separator: string): string {
    return this.#fields.join(separator);
  }
}

function escapeField(text: string): string {
  // For the characters matched this is percent-encoding of their UTF-8 bytes: one escape each, two for C1.
  return text.replace(ESCAPED, encodeURIComponent);
}

function unescapeField(text: string, path: string): string {
  if (!text.includes('%')) return text;
  try {
    // Exactly what is wanted: %XX in either case, the bytes they stand for being UTF-8 in itself, and an error otherwise.
    return decodeURIComponent(text);
  } catch (error) {
    throw malformed(path, `${quote(text)} is not well percent-encoded`, error);
  }
}
