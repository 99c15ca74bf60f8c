import { z } from 'zod';
import { FRAME_OVERHEAD_ALLOWANCE, MAX_FRAME_LENGTH, definePlugin } from '../../../kernel/index.ts';
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
  dialTimeoutMs: z
    .int()
    .min(50)
    .max(60_000)
    .default(5_000)
    .describe('How long a dial goes unanswered until it fails, in milliseconds.'),
  upgradeTimeoutMs: z
    .int()
    .min(50)
    .max(60_000)
    .default(5_000)
    .describe('How long whoever connects may take to ask for a WebSocket, in milliseconds.'),
  pingMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(25_000)
    .describe('Time between pings, in milliseconds; below what proxies end idle connections after (nginx: 60 s).'),
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
    .describe('Connections that have not asked for a WebSocket yet; beyond it the oldest is ended.'),
  backlog: z
    .int()
    .min(1)
    .max(65_535)
    .default(511)
    .describe('Connections that the system keeps until the node accepts them; it may allow fewer.'),
  receiveLimit: z
    .int()
    .min(64 * 1024)
    .max(16 * 1024 * 1024)
    .default(256 * 1024)
    .describe('Bytes received ahead of the reader at which a connection is paused: memory against speed.'),
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
