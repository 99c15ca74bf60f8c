import { z } from 'zod';

const milliseconds = (fallback: number, about: string, min = 1, max = 2_147_483_647) =>
  z.number().min(min).max(max).default(fallback).describe(about);
const count = (fallback: number, about: string, min = 0, max = 1_000_000) =>
  z.int().min(min).max(max).default(fallback).describe(about);
const weight = (fallback: number, about: string) => z.number().min(0).max(1_000).default(fallback).describe(about);
const DAY_MS = 24 * 60 * 60 * 1000;

/** The flat settings of a profile: how the node behaves, apart from its plugins. Times in milliseconds. */
export const settingsSchema = z.strictObject({
  heartbeatMs: milliseconds(
    2_000,
    'Time between heartbeats on a direct connection; shorter finds dead peers sooner and costs more traffic.',
    10,
  ),
  deadMs: milliseconds(10_000, 'Silence after which a direct connection is dead; must be above heartbeatMs.', 20),
  scanMs: milliseconds(5_000, 'Time between scans of the folder, the safety net under file-system events.', 10),
  settleMs: milliseconds(
    1_000,
    'How long a file must rest before it is announced, so that a growing file is announced once.',
    0,
  ),
  handshakeMs: milliseconds(5_000, 'Time allowed for one handshake.'),
  handshakes: count(64, 'Incoming handshakes at once.', 1),
  handshakesPerSource: count(8, 'Incoming handshakes at once from one source address.', 1),
  directConnections: count(16, 'Direct connections kept; more are refused with addresses to try.', 1, 1_000),
  recoveryConnections: count(8, 'Direct connections that healing may open beyond the limit.', 0, 1_000),
  healConnections: count(
    8,
    'Survivors up to which all pairs connect when a node is lost, and connections each makes above it.',
    2,
    1_000,
  ),
  dialFallbackMs: milliseconds(2_000, 'How long the passive node of a healing pair waits before it dials itself.'),
  dialsPerMinute: count(30, 'Dials a minute that messages of peers may cause.', 1),
  transferIdleMs: milliseconds(30_000, 'How long a transfer connection is kept for the next transfer.'),
  transferStallMs: milliseconds(10_000, 'Time without a byte after which a transfer moves on to the next holder.'),
  transferWindow: count(
    8 * 1024 * 1024,
    'Bytes asked of one source and not yet received; memory a transfer may use for each of its sources, eight at most.',
    64 * 1024,
    256 * 1024 * 1024,
  ),
  uploads: count(64, 'Transfers served at once; more are refused until one ends.', 1),
  uploadRate: count(
    0,
    'Bytes of files a second that the node sends, all transfers together; 0 for as fast as it goes. Below 64 KiB for each transfer at a time, receivers may take it for stalled.',
    0,
    2 ** 40,
  ),
  downloadRate: count(
    0,
    'Bytes of files a second that the node asks for, all transfers together; 0 for as fast as it goes.',
    0,
    2 ** 40,
  ),
  hashRate: count(
    0,
    'Bytes a second that are read to hash files that are new or changed; 0 for as fast as it goes: until then nobody hears of them.',
    0,
    2 ** 40,
  ),
  verifyRate: count(
    64 * 1024 * 1024,
    'Bytes a second that are read to verify received files once more, in the background; 0 for as fast as it goes.',
    0,
    2 ** 40,
  ),
  tombstoneMs: milliseconds(30 * DAY_MS, 'How long the deletion of a file is remembered.', 1, 3_650 * DAY_MS),
  versionsKept: count(
    10,
    'Replaced versions kept of each file: so many that were written here, and so many that came from others; 0 keeps none.',
    0,
    10_000,
  ),
  versionsKeptMs: milliseconds(30 * DAY_MS, 'How long a replaced version is kept.', 1, 3_650 * DAY_MS),
  replicas: count(
    2,
    'Live nodes that are to hold each file, the one that wrote it among them: others are asked to keep copies, outside their folders; 0 asks nobody.',
    0,
    100,
  ),
  quota: count(10 * 2 ** 30, 'Bytes that others may have this node keep for them; 0 keeps nothing.', 0, 2 ** 50),
  minFree: count(2 ** 30, 'Bytes of the disk that are never used for what is kept for others.', 0, 2 ** 50),
  allowPlaintext: z.boolean().default(false).describe('Allow a cipher that authenticates nothing beyond loopback.'),
  latitude: z.number().min(-90).max(90).optional().describe('Where the node stands, in degrees north.'),
  longitude: z.number().min(-180).max(180).optional().describe('Where the node stands, in degrees east.'),
  zone: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,32}$/)
    .optional()
    .describe('Name of the place the node stands in; nodes of one zone are near.'),
  weightRtt: weight(1, 'Weight of the round-trip time in the score of a neighbour (1 = one point for each 100 ms).'),
  weightGeography: weight(
    1,
    'Weight of declared distance (1 = one point for half the way around the earth, or for another zone).',
  ),
  weightSpread: weight(
    0.5,
    'Weight of how much a neighbour already holds and does for us (1 = one point for all of it).',
  ),
});

/** Settings with defaults in place. */
export type Settings = Readonly<z.output<typeof settingsSchema>>;
/** Settings as a profile writes them. */
export type SettingsInput = Readonly<z.input<typeof settingsSchema>>;
