import { z } from 'zod';
import { FRAME_OVERHEAD_ALLOWANCE, MAX_FRAME_LENGTH, definePlugin } from '../../../kernel/index.ts';
import { halfOpenOption, openingTimeoutOption, streamOptions } from '../../../kit/index.ts';
import { WebSocketTransport } from './websocket-transport.ts';

const options = z.strictObject({
  path: z
    .string()
    .regex(/^\/[A-Za-z0-9._~/-]{0,127}$/)
    .default('/peerhold')
    .describe('Path of addresses that name none, such as host:port.'),
  origins: z
    .array(z.string().min(1).max(255))
    .max(64)
    .default([])
    .describe('Origin headers let in; every other one, as browsers send it, is refused. Nodes send none.'),
  ...streamOptions,
  upgradeTimeoutMs: openingTimeoutOption('to ask for a WebSocket'),
  halfOpen: halfOpenOption('asked for a WebSocket'),
  pingMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(25_000)
    .describe('Time between pings, in milliseconds; below what proxies end idle connections after (nginx: 60 s).'),
});

/** Frames as messages of WebSockets, which pass reverse proxies and firewalls that let nothing else through; see docs/websocket.md. */
export const websocket = definePlugin({
  name: 'websocket',
  kind: 'transport',
  about: 'Frames over WebSocket: through web proxies, with TLS where the proxy has it.',
  options,
  create: (parsed, { clock, logger }) =>
    new WebSocketTransport({ ...parsed, clock, logger, maxFrameLength: MAX_FRAME_LENGTH + FRAME_OVERHEAD_ALLOWANCE }),
});
