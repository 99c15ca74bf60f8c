import { KernelError } from '../kernel/index.ts';

/**
 * Imports a package that is installed only by those who want what it is for.
 *
 * @throws ERR_NOT_INSTALLED with the command that installs it.
 */
export async function importOptional<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException | null)?.code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    const problem = `the package ${name} is needed for this and not installed: npm install ${name}`;
    throw new KernelError('ERR_NOT_INSTALLED', problem, { cause });
  }
}
