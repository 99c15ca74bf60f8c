import type { Bench } from './bench.ts';
import { priority } from './priority/index.ts';

/** All there are, in the order of `peerhold bench --help`. To add one, write it in a folder of its own and name it here. */
export const BENCHES: readonly Bench[] = [priority];
