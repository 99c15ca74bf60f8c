import type { Bench } from './bench.ts';

/** All there are, in the order of `peerhold bench --help`. To add one, write it in a folder of its own and name it here. */
export const BENCHES: readonly Bench[] = [];
