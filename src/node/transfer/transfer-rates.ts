import type { Clock, Settings } from '../../kernel/index.ts';
import { TokenBucket } from '../../kit/token-bucket.ts';

/**
 * What bounds the bytes of files that a node sends and receives in a second, all its transfers together. Each takes its turn with one range, so that all get
 * the same share.
 */
export interface TransferRates {
  /** Taken from for what is sent; `undefined` where nothing bounds it. */
  readonly upload: TokenBucket | undefined;
  /** Taken from for what is asked for; `undefined` where nothing bounds it. */
  readonly download: TokenBucket | undefined;
}

/** The bounds that the settings name. */
export function transferRates(
  { downloadRate, uploadRate }: Pick<Settings, 'uploadRate' | 'downloadRate'>,
  clock: Clock,
): TransferRates {
  const bucket = (rate: number) => (rate === 0 ? undefined : new TokenBucket({ clock, rate }));
  return { upload: bucket(uploadRate), download: bucket(downloadRate) };
}
