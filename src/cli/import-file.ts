import { stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { createJiti } from 'jiti';
import { KernelError, toError, type ErrorCode } from '../kernel/index.ts';
import { PUBLIC_MODULES } from './installation.ts';

const EXTENSIONS: readonly string[] = ['.ts', '.mts', '.js', '.mjs'];

/** A file's exports, and its absolute path. */
export interface ImportedFile {
  readonly path: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

/**
 * Imports a file by its name, which is taken relative to the working directory; nothing is ever looked for. TypeScript needs no
 * build, and the file reaches this package as `peerhold`, wherever it lies.
 *
 * @throws the code given, with the file's path and, where it is known, the line of the mistake.
 */
export async function importFile(file: string, code: ErrorCode): Promise<ImportedFile> {
  const path = resolve(file);
  if (!EXTENSIONS.includes(extname(path)))
    throw new KernelError(code, `${path}: expected a file that ends in one of ${EXTENSIONS.join(', ')}`);
  try {
    if (!(await stat(path)).isFile()) throw new KernelError(code, 'is no file');
    // Nothing is cached on disk: a cache in a shared temporary directory could be written by somebody else.
    const jiti = createJiti(import.meta.url, { alias: { ...PUBLIC_MODULES }, fsCache: false, interopDefault: false });
    const module: unknown = await jiti.import(path);
    return { path, exports: typeof module === 'object' && module !== null ? { ...module } : {} };
  } catch (cause) {
    const problem = firstLine(toError(cause).message);
    throw new KernelError(code, `${path}${positionIn(path, cause)}: ${problem}`, { cause });
  }
}

/** Where in a file an error arose, as `:line:column`, or nothing where it does not say. */
function positionIn(path: string, thrown: unknown): string {
  const stack = typeof thrown === 'object' && thrown !== null && 'stack' in thrown ? String(thrown.stack) : '';
  const start = stack.indexOf(`${path}:`);
  return start < 0 ? '' : (/^:\d+(:\d+)?/.exec(stack.slice(start + path.length))?.[0] ?? '');
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').trim();
}
