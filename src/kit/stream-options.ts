import { z } from 'zod';

/** A time that somebody at the other end may take, in milliseconds. */
const patience = z.int().min(50).max(60_000).default(5_000);

/** Option of a transport: how long a dial may take. */
export const dialTimeoutOption = patience.describe('How long a dial goes unanswered until it fails, in milliseconds.');

/** Option of a transport that accepts streams: how long whoever connects may take `toDo` something, such as `to say what it speaks`. */
export const openingTimeoutOption = (toDo: string) =>
  patience.describe(`How long whoever connects may take ${toDo}, in milliseconds.`);

/** Option of a transport that accepts streams: how many that have not `done` something, such as `said what they speak`; see HalfOpenStreams. */
export const halfOpenOption = (done: string) =>
  z
    .int()
    .min(1)
    .max(65_536)
    .default(256)
    .describe(`Connections that have not ${done} yet; beyond it the oldest is ended.`);

/** Options of every transport with a socket of the system for each connection. */
export const streamOptions = {
  dialTimeoutMs: dialTimeoutOption,
  maxConnections: z
    .int()
    .min(1)
    .max(65_536)
    .default(4_096)
    .describe('Connections accepted at once; more are refused. Bounds memory and open files.'),
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
} as const;

/** What the options of `streamOptions` are once they are parsed. */
export type StreamOptions = Readonly<z.output<z.ZodObject<typeof streamOptions>>>;
