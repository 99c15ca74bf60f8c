import { KernelError } from '../../../src/kernel/index.ts';
import { hostPortForm } from '../../../src/kit/index.ts';
import type { CommandNode } from '../../../src/cli/execute-command.ts';
import type {
  GetAllOptions,
  GotFiles,
  ListedFile,
  NodeEvent,
  ReceivedFile,
  TransferOptions,
} from '../../../src/node/index.ts';

export const ID = 'aa'.repeat(16);
export const OTHER_ID = 'bb'.repeat(16);
export const CHECKSUM = 'cd'.repeat(32);

/** A node that answers without a network; tests decide when its transfers end. */
export class FakeNode implements CommandNode {
  readonly id = ID;
  readonly address = '127.0.0.1:4001';
  readonly addressForm = hostPortForm;
  readonly profileName = 'default';
  /** What was called, in order. */
  readonly calls: string[] = [];
  readonly files: ListedFile[] = [
    {
      name: 'notes.txt',
      size: 3,
      checksum: CHECKSUM,
      user: 'ann',
      modified: 1_700_000_000_000,
      holders: [ID],
      current: true,
      conflict: false,
    },
  ];
  /** Called for each GET; the default is a file that arrives at once. */
  onGet: (query: string, options: TransferOptions) => Promise<ReceivedFile> = async (name) => ({
    name,
    size: 3,
    checksum: CHECKSUM,
    seconds: 0.5,
    sources: { [OTHER_ID]: 3 },
  });
  readonly #listeners = new Set<(event: NodeEvent) => void>();

  async add(address: string) {
    this.calls.push(`add ${address}`);
    if (address === 'nobody') throw new KernelError('ERR_DIAL_FAILED', 'nobody answers at nobody');
    return { id: OTHER_ID, address };
  }

  list() {
    return this.files;
  }

  async get(query: string, options: TransferOptions = {}) {
    this.calls.push(`get ${query}`);
    return this.onGet(query, options);
  }

  matching(query: string) {
    return query.endsWith('/') ? ['a', 'b'].map((name) => query + name) : undefined;
  }

  /** Brings the first of the two files that match; the other fails. */
  async getAll(query: string, { onReceived }: GetAllOptions = {}): Promise<GotFiles> {
    this.calls.push(`get all ${query}`);
    onReceived?.({ name: `${query}a`, size: 3, checksum: CHECKSUM, seconds: 0.5, sources: { [OTHER_ID]: 3 } }, 2);
    const failures = [{ name: `${query}b`, code: 'ERR_NO_SOURCE' as const, message: 'nobody answers' }];
    return { files: 1, failed: 1, failures };
  }

  async send(name: string) {
    this.calls.push(`send ${name}`);
    return { name, checksum: CHECKSUM, to: [{ id: OTHER_ID, result: 'received' as const }] };
  }

  async pieces(name: string) {
    this.calls.push(`pieces ${name}`);
    const holders = [
      { id: ID, whole: true, pieces: 7 },
      { id: OTHER_ID, whole: false, pieces: 3 },
    ];
    return { name, size: 1_700_000, checksum: CHECKSUM, pieces: 7, pieceLength: 262_144, ours: 7, holders };
  }

  async safe(name?: string) {
    this.calls.push(`safe ${name ?? 'all'}`);
    const file = { name: name ?? 'notes.txt', checksum: CHECKSUM, copies: 1, wanted: 2, missing: 1, safe: false };
    return { files: [{ ...file, holders: [ID], zones: ['cellar'] }], safe: false };
  }

  peers() {
    return [
      {
        id: OTHER_ID,
        address: '127.0.0.1:4002',
        direct: true,
        rank: 1,
        score: 0.5,
        parts: { rtt: 0.25, geography: 0, spread: 0.25 },
        rttMs: 25,
        user: 'bob',
      },
    ];
  }

  status() {
    return {
      id: ID,
      address: this.address,
      user: 'ann',
      profile: 'default',
      incarnation: 1,
      uptimeMs: 61_000,
      direct: 1,
      known: 1,
      files: 1,
      hashing: 0,
      transfers: 0,
    };
  }

  async versions(name?: string) {
    this.calls.push(`versions ${name ?? ''}`);
    return [{ version: '7', name: 'old.txt', size: 1, checksum: CHECKSUM, user: 'ann', replaced: 1_700_000_000_000 }];
  }

  async restore(version: string) {
    if (version !== '7') throw new KernelError('ERR_NO_SUCH_VERSION', `there is no version ${version}`);
    return { name: 'old.txt', checksum: CHECKSUM, version };
  }

  subscribe(listener: (event: NodeEvent) => void) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Lets something happen that no command caused. */
  happen(event: NodeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  async close() {
    this.calls.push('close');
  }
}
