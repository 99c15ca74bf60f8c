import { KernelError, errorCode, toError, type AbortOptions, type NodeId } from '../kernel/index.ts';
import type { GotFiles, ReceivedFile, TransferProgress, UnreceivedFile } from './api.ts';
import type { FileEntry } from './files/file-entries.ts';
import { nameMatcher } from './files/file-pattern.ts';
import type { NodeFiles } from './files/node-files.ts';
import { quote } from './messages/display.ts';
import { checkFileName } from './messages/file-name.ts';
import { GetProgress } from './get-progress.ts';
import type { Transfers } from './transfer/transfers.ts';

/** How a GET or SEND may be watched and given up. */
export interface TransferOptions extends AbortOptions {
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** How a GET of several files may be watched and given up. */
export interface GetAllOptions extends TransferOptions {
  /** Called with each file as it is here, and how many there are in all. */
  readonly onReceived?: ((file: ReceivedFile, of: number) => void) | undefined;
}

export interface GetsOptions {
  readonly id: NodeId;
  readonly files: Pick<NodeFiles, 'index' | 'store'>;
  readonly transfers: Pick<Transfers, 'fetch'>;
  /** Puts nodes in the order in which they are asked. */
  readonly bestFirst: (ids: readonly NodeId[]) => readonly NodeId[];
}

/** Files that one GET fetches at once. The window of each keeps its sources busy; more would only be later one by one. */
const FILES_AT_ONCE = 4;

/**
 * Small files take the time of asking and of placing, not of sending: as many at once as there is of this many bytes, up to so many. Twice as many cost a quarter
 * less each, since they share syncs and looks. Half of what a holder serves at once by default, since it has others to serve too: more would have to wait and ask again.
 */
const SMALL_BYTES_AT_ONCE = 2 * 1024 * 1024;
const SMALL_FILES_AT_ONCE = 32;

/** GET: what its argument means, and the files it brings. */
export class Gets {
  readonly #options: GetsOptions;

  constructor(options: GetsOptions) {
    this.#options = options;
  }

  /** See StorageNode.get. */
  async get(query: string, options: TransferOptions): Promise<ReceivedFile> {
    const { files, transfers, id, bestFirst } = this.#options;
    // A folder is named with a slash at the end.
    checkFileName(query.replace(/\/$/, ''));
    const entry = files.index.find(query);
    if (entry === undefined)
      throw new KernelError('ERR_NO_SUCH_FILE', `no folder of the network holds ${quote(query)}`);
    const { name, size, checksum } = entry.record;
    if (files.store.holds(name, checksum)) return { name, size, checksum, seconds: 0, sources: {} };
    const holders = bestFirst(files.index.holdersOf(entry.record)).filter((holder) => holder !== id);
    const { seconds, sources } = await transfers.fetch(entry.record, holders, options);
    return { name, size, checksum, seconds, sources };
  }

  /** See StorageNode.matching. */
  matching(query: string): readonly string[] | undefined {
    return this.#matching(query)?.map(({ record }) => record.name);
  }

  /** See StorageNode.getAll. */
  async getAll(query: string, options: GetAllOptions): Promise<GotFiles> {
    const entries = this.#matching(query);
    if (entries === undefined)
      throw new KernelError('ERR_NO_SUCH_FILE', `no file of the network matches ${quote(query)}`);
    const { signal, onReceived } = options;
    const progress = new GetProgress(
      entries.map(({ record }) => record.size),
      options.onProgress,
    );
    const failures: UnreceivedFile[] = [];
    const get = async (index: number, name: string) => {
      try {
        const file = await this.get(name, { signal, onProgress: (news) => progress.received(index, news) });
        progress.ended(index, true);
        if (signal?.aborted !== true) onReceived?.(file, entries.length);
      } catch (thrown) {
        progress.ended(index, false);
        failures.push({ name, code: errorCode(thrown) ?? 'ERR_INTERNAL', message: toError(thrown).message });
      }
    };
    await someAtOnce(entries, get, signal);
    failures.sort((a, b) => (a.name < b.name ? -1 : 1));
    return { files: entries.length - failures.length, failed: failures.length, failures };
  }

  #matching(query: string): FileEntry[] | undefined {
    const { index } = this.#options.files;
    if (index.find(query) !== undefined) return undefined;
    const matches = nameMatcher(query);
    const entries = index.list().filter(({ current, record }) => current && matches(record.name));
    return entries.length === 0 ? undefined : entries;
  }
}

/** Runs the work on every entry, in their order, some at once. Rejects with the signal's reason, when nothing is under way any more. */
async function someAtOnce(
  entries: readonly FileEntry[],
  work: (index: number, name: string) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let bytes = 0;
  let ended = () => {};
  for (const [index, { record }] of entries.entries()) {
    const isRoom = () =>
      running.size < FILES_AT_ONCE ||
      (running.size < SMALL_FILES_AT_ONCE && bytes + record.size <= SMALL_BYTES_AT_ONCE);
    while (!isRoom()) await new Promise<void>((resolve) => (ended = resolve));
    if (signal?.aborted === true) break;
    bytes += record.size;
    const one = work(index, record.name).finally(() => {
      running.delete(one);
      bytes -= record.size;
      ended();
    });
    running.add(one);
  }
  await Promise.all(running);
  signal?.throwIfAborted();
}
