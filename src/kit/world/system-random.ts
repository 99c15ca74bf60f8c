import { randomFillSync } from 'node:crypto';
import type { Random } from '../../kernel/index.ts';

/** The system's randomness; its bytes are fit for keys. */
export function systemRandom(): Random {
  return {
    bytes: (length) => randomFillSync(new Uint8Array(length)),
    fraction: () => Math.random(),
  };
}
