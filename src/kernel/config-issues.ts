import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { KernelError } from './errors.ts';
import { isPluginUse } from './plugin.ts';

type Path = readonly PropertyKey[];

/** Collects the mistakes of a config, so that all are told at once. */
export class ConfigIssues {
  readonly #lines = new Set<string>();

  add(path: Path, message: string): void {
    this.#lines.add(`${formatPath(path)}: ${message}`);
  }

  /** A name that is not among those there are. */
  unknown(path: Path, name: string, allowed: readonly string[]): void {
    this.add(
      path,
      `unknown name ${JSON.stringify(name)}${didYouMean(name, allowed)}; allowed: ${allowed.join(', ') || 'none'}`,
    );
  }

  /** What a schema says against a value found at `path`. */
  addZod(path: Path, error: z.ZodError, value: unknown, schema: z.ZodType): void {
    for (const issue of error.issues) this.#addIssue(path, issue, value, schema);
  }

  /** @throws ERR_CONFIG with one line for each mistake. */
  throwIfAny(): void {
    if (this.#lines.size === 0) return;
    const lines = [...this.#lines];
    throw new KernelError(
      'ERR_CONFIG',
      lines.length === 1 ? `config: ${lines.join('')}` : `config:\n  ${lines.join('\n  ')}`,
    );
  }

  #addIssue(path: Path, issue: z.core.$ZodIssue, value: unknown, schema: z.ZodType): void {
    const full = [...path, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const allowed = keysAt(schema, issue.path, value);
      for (const key of issue.keys)
        this.add([...full, key], `unknown option${didYouMean(key, allowed)}; allowed: ${allowed.join(', ') || 'none'}`);
      return;
    }
    const found = valueAt(value, issue.path);
    const given = found === undefined ? 'nothing given' : `got ${show(found)}`;
    const near =
      issue.code === 'invalid_value' && typeof found === 'string' ? didYouMean(found, issue.values.map(String)) : '';
    this.add(full, `${issue.message}; ${given}${near}`);
  }
}

function formatPath(path: Path): string {
  return (
    path
      .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
      .join('') || 'the config'
  );
}

function didYouMean(name: string, allowed: readonly string[]): string {
  const near = allowed
    .map((candidate) => ({ candidate, edits: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= 2)
    .sort((a, b) => a.edits - b.edits)[0];
  return near === undefined ? '' : ` (did you mean ${near.candidate}?)`;
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const part of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Record<PropertyKey, unknown>)[part];
  }
  return found;
}

/** The keys a schema allows at a path: through objects, records and lists, and through the options of plugins that are options themselves. */
function keysAt(schema: z.ZodType, path: Path, value: unknown): string[] {
  let at: unknown = schema;
  for (const [index, part] of path.entries()) {
    at = unwrap(at);
    const holder = valueAt(value, path.slice(0, index));
    if (isPluginUse(holder) && part === 'options') at = holder.definition.options;
    else if (at instanceof z.ZodObject) at = at.shape[String(part)];
    else if (at instanceof z.ZodRecord) at = at.valueType;
    else if (at instanceof z.ZodArray) at = at.element;
    else return [];
  }
  at = unwrap(at);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function unwrap(schema: unknown): unknown {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? unwrap(schema.unwrap()) : schema;
}

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  // JSON has no word for NaN and Infinity.
  if (typeof value === 'number') return String(value);
  try {
    const text = JSON.stringify(value);
    return text.length > 80 ? `${text.slice(0, 77)}…` : text;
  } catch {
    return Object.prototype.toString.call(value);
  }
}
