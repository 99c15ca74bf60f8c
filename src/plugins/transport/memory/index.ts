import { z } from 'zod';
import { definePlugin } from '../../../kernel/index.ts';
import { MemoryNetwork, isMemoryNetwork } from './memory-network.ts';
import { MemoryTransport } from './memory-transport.ts';

export { MemoryNetwork, type Place } from './memory-network.ts';

const options = z.strictObject({
  network: z
    .custom<MemoryNetwork>(isMemoryNetwork, 'expected a MemoryNetwork')
    .default(() => new MemoryNetwork())
    .describe('What joins the transports that are to reach each other; one of its own where none is given.'),
});

/** Frames handed over within one process, for tests and simulations: no sockets, no delay, links that can be cut. */
export const memory = definePlugin({
  name: 'memory',
  kind: 'transport',
  about: 'Frames within one process, over a network that a test makes and cuts: for tests and simulations.',
  options,
  create: ({ network }, { clock }) => new MemoryTransport(network, clock),
});
