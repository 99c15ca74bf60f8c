import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { KernelError, type Clock } from '../../kernel/index.ts';
import { EmulatedLink } from './emulated-link.ts';
import type { LinkShape } from './plan.ts';
import { runTool } from './run-tool.ts';

const NEEDS =
  'links are emulated as root on Linux, with network namespaces (`ip netns`), `ss`, /dev/net/tun where the emulator wants it, and an ' +
  'executable file that fulfils the contract in docs/benchmarks.md';

export interface CheckEmulatorOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A link to try it with, and its name. */
  readonly shape: LinkShape;
  readonly name: string;
}

/**
 * Makes a link and takes it down, so that what is missing is known before anything is measured.
 *
 * @throws ERR_EMULATOR saying what is missing and what is needed.
 */
export async function checkEmulator({ file, clock, signal, shape, name }: CheckEmulatorOptions): Promise<void> {
  if (process.getuid?.() !== 0) throw unusable('this is not root');
  await access(file, constants.X_OK).catch((cause: unknown) => {
    throw unusable(`${file} is not there, or is not executable`, cause);
  });
  for (const tool of [
    ['ip', 'netns', 'list'],
    ['ss', '-V'],
  ] as const) {
    await runTool(tool, signal).catch((cause: unknown) => {
      throw unusable(`\`${tool.join(' ')}\` does not work here`, cause);
    });
  }
  try {
    const link = await EmulatedLink.open({ file, name, shape, seed: 1, clock, signal });
    await link.close();
  } catch (cause) {
    signal.throwIfAborted();
    throw unusable(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function unusable(problem: string, cause?: unknown): KernelError {
  return new KernelError('ERR_EMULATOR', `${problem}; ${NEEDS}`, { cause });
}
