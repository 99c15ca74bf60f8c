import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ROOT, textOf } from './source-files.ts';

/** Puts what the package declares to need, and nothing else, into a `node_modules`, as installing it would. */
export async function linkDependencies(modules: string): Promise<void> {
  const { dependencies } = JSON.parse(textOf('package.json')) as { dependencies: Readonly<Record<string, string>> };
  for (const name of Object.keys(dependencies)) {
    const path = join(modules, name);
    await mkdir(dirname(path), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), path, 'junction');
  }
}
