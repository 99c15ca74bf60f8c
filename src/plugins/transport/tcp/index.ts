import { z } from 'zod';
import { FRAME_OVERHEAD_ALLOWANCE, MAX_FRAME_LENGTH, definePlugin } from '../../../kernel/index.ts';
import { TcpTransport } from './tcp-transport.ts';

const options = z.strictObject({
  dialTimeoutMs: z
    .int()
    .min(50)
    .max(60_000)
    .default(5_000)
    .describe('How long a dial goes unanswered until it fails, in milliseconds.'),
  greetingTimeoutMs: z
    .int()
    .min(50)
    .max(60_000)
    .default(5_000)
    .describe('How long whoever connects may take to say what it speaks, in milliseconds.'),
  maxConnections: z
    .int()
    .min(1)
    .max(65_536)
    .default(4_096)
    .describe('Connections accepted at once; more are refused. Bounds memory and open files.'),
  halfOpen: z
    .int()
    .min(1)
    .max(65_536)
    .default(256)
    .describe('Connections that have not said yet what they speak; beyond it the oldest is ended.'),
  backlog: z
    .int()
    .min(1)
    .max(65_535)
    .default(511)
    .describe('Connections that the system keeps until the node accepts them; it may allow fewer.'),
  keepAliveMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(60_000)
    .describe('Silence after which the system probes the other end, in milliseconds; it counts whole seconds.'),
  receiveLimit: z
    .int()
    .min(64 * 1024)
    .max(16 * 1024 * 1024)
    .default(256 * 1024)
    .describe('Bytes received ahead of the reader at which a connection is paused: memory against speed.'),
});

/** Frames over TCP, each with its length before it; see docs/tcp.md. */
export const tcp = definePlugin({
  name: 'tcp',
  kind: 'transport',
  about: 'Frames over TCP: fastest on a local network, and where UDP is blocked.',
  options,
  create: (parsed, { clock, logger }) =>
    new TcpTransport({ ...parsed, clock, logger, maxFrameLength: MAX_FRAME_LENGTH + FRAME_OVERHEAD_ALLOWANCE }),
});
