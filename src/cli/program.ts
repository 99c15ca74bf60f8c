import type { Readable } from 'node:stream';
import type { Clock, Random } from '../kernel/index.ts';
import type { LoadedConfig } from './load-config.ts';
import type { StreamOutput } from './output.ts';

/** The process, as the commands see it. */
export interface Program {
  readonly version: string;
  /** The config used where none is named. */
  readonly shippedConfig: LoadedConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: StreamOutput;
  readonly stderr: StreamOutput;
  /** Calls back for each signal that asks the program to end, instead of letting it end the process. Returns the way to stop. */
  onInterrupt(listener: () => void): () => void;
  /** Ends the process at once. */
  exit(code: number): never;
}
