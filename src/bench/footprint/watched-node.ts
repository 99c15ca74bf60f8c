import { formatSharedKey } from '../../node/identity/shared-key.ts';
import type { BenchContext } from '../bench.ts';
import { startWords, type NodeStart } from './start-words.ts';
import { WatchedProcess } from './watched-process.ts';

export interface WatchedNodeOptions {
  readonly context: BenchContext;
  readonly start: NodeStart;
  readonly sharedKey: Uint8Array;
  /** Whether it can be asked for its processor time and memory. */
  readonly withFigures: boolean;
}

/** A process that is a node, as `peerhold start --json` runs it; its line `ready` is the first. */
export function watchedNode({ context, start, sharedKey, withFigures }: WatchedNodeOptions): WatchedProcess {
  const { clock, environment, signal } = context;
  return new WatchedProcess({
    words: startWords(context, start),
    environment: { ...environment, PEERHOLD_KEY: formatSharedKey(sharedKey) },
    withFigures,
    clock,
    signal,
  });
}
