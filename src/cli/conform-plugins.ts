import { z } from 'zod';
import type { Conformance } from '../compliance/index.ts';
import { KernelError, isPlugin, isPluginUse, type Plugin } from '../kernel/index.ts';
import { importFile } from './import-file.ts';

/** A plugin that a file exports, and what the file says of how to try it. */
export interface LoadedPlugin {
  readonly definition: Plugin['definition'];
  readonly conformance: Conformance;
}

const callable = <T>() => z.custom<T>((value) => typeof value === 'function', 'expected a function').optional();

const conformanceSchema = z.strictObject({
  options: z.unknown().optional(),
  listen: callable<NonNullable<Conformance['listen']>>(),
  nobody: callable<NonNullable<Conformance['nobody']>>(),
  balanced: z.boolean().optional(),
  written: callable<NonNullable<Conformance['written']>>(),
});

/**
 * Loads a file and finds every plugin it exports, each once.
 *
 * @throws ERR_PLUGIN where it cannot be loaded, exports none, or its `conformance` is wrong.
 */
export async function loadPlugins(file: string): Promise<readonly LoadedPlugin[]> {
  const { path, exports } = await importFile(file, 'ERR_PLUGIN');
  const definitions = new Set(
    Object.values(exports)
      .filter(isPlugin)
      .map(({ definition }) => definition),
  );
  if (definitions.size === 0) {
    const called = Object.values(exports).some(isPluginUse)
      ? 'a called plugin only: export it before it is called'
      : 'none';
    throw new KernelError('ERR_PLUGIN', `${path}: expected an export that definePlugin made, found ${called}`);
  }
  const parsed = conformanceSchema.safeParse(exports.conformance ?? {});
  if (!parsed.success) throw new KernelError('ERR_PLUGIN', `${path}: conformance: ${describeMistakes(parsed.error)}`);
  // The schema says `undefined` where the type says absent; nobody tells the two apart.
  const conformance = parsed.data as Conformance;
  return [...definitions].map((definition) => ({ definition, conformance }));
}

/** What a schema says against a value, in one line. */
export function describeMistakes({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`).join('; ');
}
