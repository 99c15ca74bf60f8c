import type { BenchContext } from '../bench.ts';

/** What a node is started with, as `peerhold start` is by a user. */
export interface NodeStart {
  readonly folder: string;
  readonly profile: string;
  /** A config file; the shipped one where there is none. */
  readonly config: string | undefined;
}

/** The words after `node` that start a node of this program; it ends with its input, and so with this process at the latest. */
export function startWords(
  { program }: Pick<BenchContext, 'program'>,
  { folder, profile, config }: NodeStart,
): string[] {
  const words = [program.file, 'start', folder, '--json', '--exit-on-eof', '--user', 'bench', '--profile', profile];
  return config === undefined ? words : [...words, '--config', config];
}
