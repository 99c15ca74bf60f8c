import { z } from 'zod';
import { FRAME_OVERHEAD_ALLOWANCE, MAX_FRAME_LENGTH, definePlugin } from '../../../kernel/index.ts';
import { halfOpenOption, openingTimeoutOption, streamOptions } from '../../../kit/index.ts';
import { TcpTransport } from './tcp-transport.ts';

const options = z.strictObject({
  ...streamOptions,
  greetingTimeoutMs: openingTimeoutOption('to say what it speaks'),
  halfOpen: halfOpenOption('said what they speak'),
  keepAliveMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(60_000)
    .describe('Silence after which the system probes the other end, in milliseconds; it counts whole seconds.'),
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
