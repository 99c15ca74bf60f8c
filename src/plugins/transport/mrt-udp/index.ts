import { z } from 'zod';
import { FRAME_OVERHEAD_ALLOWANCE, MAX_FRAME_LENGTH, definePlugin } from '../../../kernel/index.ts';
import { dialTimeoutOption } from '../../../kit/stream-options.ts';
import { CONGESTION_NAMES } from './congestion/controllers.ts';
import { BASE_DATAGRAM, LARGEST_DATAGRAM, SOCKET_MEMORY } from './constants.ts';
import { MrtTransport } from './mrt-transport.ts';

const MIB = 1024 * 1024;

const options = z.strictObject({
  maxConnections: z
    .int()
    .min(1)
    .max(65_536)
    .default(4_096)
    .describe('Connections on one socket; more are refused. Bounds memory.'),
  halfOpen: z
    .int()
    .min(0)
    .max(4_096)
    .default(64)
    .describe('Unfinished handshakes remembered before sources must echo a token; 0 asks everyone, a round trip more.'),
  dialTimeoutMs: dialTimeoutOption,
  keepAliveMs: z
    .int()
    .min(100)
    .max(3_600_000)
    .default(15_000)
    .describe(
      'Silence after which an idle peer is asked for a sign of life, in milliseconds; below what NATs forget after.',
    ),
  receiveWindow: z
    .int()
    .min(2 * MIB)
    .max(16 * MIB)
    .default(16 * MIB)
    .describe(
      'Most bytes a peer may send ahead of the reader, for each connection: a window of 1 MiB grows so far where path and reader are fast.',
    ),
  congestion: z
    .enum(CONGESTION_NAMES)
    .default('bbr')
    .describe('How the path is shared: bbr keeps its speed under random loss, cubic takes every loss for congestion.'),
  datagramLength: z
    .int()
    .min(BASE_DATAGRAM)
    .max(LARGEST_DATAGRAM)
    .default(LARGEST_DATAGRAM)
    .describe(
      'Largest datagram to try, in bytes: what a path carries is found by probing, and never above its first link.',
    ),
});

/** The project's own reliable transport over UDP: many connections on one socket; see docs/mrt.md. */
export const mrtUdp = definePlugin({
  name: 'mrt-udp',
  kind: 'transport',
  about: 'Reliable frames over UDP, many connections on one socket; the default.',
  options,
  create: (parsed, { clock, random, logger }) => {
    const maxFrameLength = MAX_FRAME_LENGTH + FRAME_OVERHEAD_ALLOWANCE;
    return new MrtTransport({ ...parsed, clock, random, logger, maxFrameLength, socketMemory: SOCKET_MEMORY });
  },
});
