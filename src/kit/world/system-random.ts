import { randomFillSync } from 'node:crypto';
import type { Random } from '../../kernel/index.ts';

/** The system's randomness; its bytes are fit for keys. */
export function systemRandom(): Random {
  return {
    bytes: (length) => randomFillSync(new Uint8Array(length)),
    // This is randomness' home. Jitter and choice need no secrets, and the engine's generator costs no system call.
    fraction: () => Math.random(),
  };
}
