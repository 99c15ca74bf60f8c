import type { Bench } from './bench.ts';
import { cipher } from './cipher/index.ts';
import { footprint } from './footprint/index.ts';
import { link } from './link/index.ts';
import { priority } from './priority/index.ts';
import { transfer } from './transfer/index.ts';
import { transport } from './transport/index.ts';

/** All there are, in the order of `peerhold bench --help`. To add one, write it in a folder of its own and name it here. */
export const BENCHES: readonly Bench[] = [priority, transport, link, cipher, footprint, transfer];
