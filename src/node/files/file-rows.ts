import { z } from 'zod';
import { PRIVATE_DIRECTORY } from '../layout.ts';
import { isUserLabel, nameProblem } from '../messages/file-name.ts';
import { parseVersion, versionText } from '../messages/version-vector.ts';
import type { FileRecord, FileStatement } from '../records.ts';

/**
 * Rows of the index, as JSON. They come from a disk that may be damaged or edited: a row that is not what these schemas
 * say is as good as none, and what it stood for is found again in the folder.
 */
const count = z.int().min(0);
const name = z.string().refine((text) => nameProblem(text) === undefined);
const user = z.string().refine(isUserLabel);
const checksum = z.string().regex(/^([0-9a-f]{64})?$/);
const nodeId = z.string().regex(/^[0-9a-f]{32}$/);
const version = z.string().transform((text, context) => {
  const vector = parseVersion(text);
  if (vector !== undefined) return vector;
  context.addIssue({ code: 'custom', message: 'not a version vector' });
  return z.NEVER;
});

const facts = z.object({ size: count, modifiedMs: z.number(), inode: z.string() });

const record = z.object({
  name,
  checksum,
  size: count,
  modifiedMs: z.number(),
  user,
  writer: nodeId,
  version,
  /** Rows of an earlier release have none. */
  manifest: checksum.default(''),
});

/** Whether the checksum of a file was computed from what is on disk here: 'due' while only its pieces were verified, 'failed' where it differs. */
const check = z.enum(['done', 'due', 'failed']).default('done');

/** What this node says of a (user, name), and what its folder holds of it. */
export const ownFileRow = z.object({
  incarnation: count,
  sequence: count,
  held: z.boolean(),
  /** Whether what is held is a replica. */
  replica: z.boolean().default(false),
  record,
  /** There where the folder holds it. */
  facts: facts.optional(),
  /** Whether it was written here, not received. */
  local: z.boolean().default(false),
  check,
  counter: count,
  sinceMs: z.number(),
});

/** A finished file about to get its name, or that just got it. */
export const arrivalRow = z.object({
  source: z.string().startsWith(`${PRIVATE_DIRECTORY}/`),
  facts,
  record,
  local: z.boolean().default(false),
  check,
});

/** How far a file on its way in has come. */
export const partialRow = z.object({
  record,
  /** A bit for each piece: see PieceSet. */
  held: z.base64(),
  savedMs: z.number(),
});

/** What is kept for others. */
export const replicaRow = z.object({ record, facts });

/** A replaced version. */
export const versionRow = z.object({
  name,
  size: count,
  /** '' while it is not known. */
  checksum,
  user,
  /** Whether it was written here, not received. */
  local: z.boolean().default(false),
  replaced: z.number(),
  /** Whether the file is known to be where versions are kept. */
  kept: z.boolean(),
});

/** A record as it stands in a row. */
export function recordToRow(value: FileRecord): z.input<typeof record> {
  return { ...value, version: versionText(value.version) };
}

/** A statement's part of a row of own files. */
export function statementToRow({ incarnation, sequence, held, replica, record: value }: FileStatement) {
  return { incarnation, sequence, held, replica, record: recordToRow(value) };
}
