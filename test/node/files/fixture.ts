import { createHash } from 'node:crypto';
import type { Disk, ErrorCode, NodeIndex } from '../../../src/kernel/index.ts';
import { inlineHasher } from '../../../src/kit/inline-hasher.ts';
import { MemoryDisk } from '../../../src/kit/memory-disk.ts';
import { memoryIndex } from '../../../src/kit/memory-index.ts';
import { VirtualClock } from '../../../src/kit/virtual-clock.ts';
import { NodeFiles, type NodeFilesOptions } from '../../../src/node/files/node-files.ts';
import type { FileRecord, FileStatement } from '../../../src/node/records.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';

export const SELF = 'a'.repeat(32);
export const PEER = 'b'.repeat(32);
export const OTHER = 'c'.repeat(32);

export const DAY_MS = 24 * 60 * 60 * 1000;

/** Bytes of a piece of a test's files. */
export const PIECE_LENGTH = 1_024;

export const SETTINGS = {
  hashRate: 0,
  quota: 2 ** 30,
  minFree: 0,
  verifyRate: 0,
  scanMs: 5_000,
  settleMs: 1_000,
  tombstoneMs: 30 * DAY_MS,
  versionsKept: 10,
  versionsKeptMs: 30 * DAY_MS,
};

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A record of alice's `f`, written once by PEER, unless told otherwise; of `content` are its checksum and size. */
export function record({ content = 'x', ...fields }: Partial<FileRecord> & { content?: string } = {}): FileRecord {
  return {
    name: 'f',
    checksum: content === '' ? '' : sha256(content),
    size: content.length,
    modifiedMs: 1_000,
    user: 'alice',
    writer: PEER,
    version: new Map([[PEER, 1]]),
    manifest: '',
    ...fields,
  };
}

let sequences = 0;

/** What PEER says, unless told otherwise, after all that was said before. */
export function statement(fields: Partial<FileStatement> = {}): FileStatement {
  return { origin: PEER, incarnation: 1, sequence: ++sequences, held: true, record: record(), ...fields };
}

export interface World {
  readonly disk: MemoryDisk;
  readonly index: NodeIndex;
  readonly clock: VirtualClock;
}

export function makeWorld(): World {
  const clock = new VirtualClock();
  return { clock, disk: new MemoryDisk({ clock }), index: memoryIndex() };
}

export interface TestFiles extends World {
  readonly files: NodeFiles;
  readonly statements: FileStatement[];
  readonly warnings: { readonly code: ErrorCode; readonly message: string }[];
  readonly logger: RecordingLogger;
  /** Puts a file there and waits until it is entered. */
  write(name: string, content: string): Promise<void>;
  /** Receives a whole file. */
  receive(received: FileRecord, content: string): Promise<void>;
  /** What was said since the last call: `name held|released|deleted`. */
  said(): string[];
  close(): Promise<void>;
}

/** The files of one node: of SELF and alice, unless told otherwise; every other node is live. */
export function makeFiles(
  world: World = makeWorld(),
  options: Partial<NodeFilesOptions> & { readonly incarnation?: number; readonly wrap?: (disk: Disk) => Disk } = {},
): TestFiles {
  const { disk, index, clock } = world;
  const { incarnation = 1, wrap = (plain: Disk) => plain, ...overrides } = options;
  const statements: FileStatement[] = [];
  const warnings: TestFiles['warnings'] = [];
  const logger = new RecordingLogger();
  let sequence = 0;
  let told = 0;
  const files = new NodeFiles({
    self: { id: SELF, user: 'alice' },
    disk: wrap(disk),
    index,
    clock,
    hasher: inlineHasher(),
    pieceStrategy: { pieceLength: () => PIECE_LENGTH },
    logger,
    settings: SETTINGS,
    stamp: () => ({ incarnation, sequence: ++sequence }),
    isLive: () => true,
    onStatement: (each) => statements.push(each),
    onWarning: (code, message) => warnings.push({ code, message }),
    ...overrides,
  });
  return {
    ...world,
    files,
    statements,
    warnings,
    logger,
    write: async (name, content) => {
      disk.put(name, content);
      await clock.advance(SETTINGS.settleMs);
      await files.folder.idle();
      await files.index.own.flush();
    },
    receive: async (received, content) => {
      const incoming = await files.store.receive(received);
      await incoming.write(0, new TextEncoder().encode(content));
      await incoming.commit();
    },
    said: () => statements.slice(told, (told = statements.length)).map(describeStatement),
    close: () => files.close(),
  };
}

/** Started, with everything in the folder entered. */
export async function startFiles(...parameters: Parameters<typeof makeFiles>): Promise<TestFiles> {
  const made = makeFiles(...parameters);
  await made.files.start();
  await made.files.folder.idle();
  await made.files.index.own.flush();
  return made;
}

export function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes && new TextDecoder().decode(bytes);
}

function describeStatement({ held, record: { name, checksum, user } }: FileStatement): string {
  return `${name}@${user} ${held ? 'held' : checksum === '' ? 'deleted' : 'released'}`;
}
