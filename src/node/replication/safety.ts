import {
  KernelError,
  errorCode,
  toError,
  type AbortOptions,
  type Logger,
  type NodeId,
  type Random,
} from '../../kernel/index.ts';
import { blake3 } from '../../kit/blake3.ts';
import type { FileSafety, SafetyReport } from '../api.ts';
import type { NodeFiles } from '../files/node-files.ts';
import { escapeForDisplay, quote } from '../messages/display.ts';
import { checkFileName } from '../messages/file-name.ts';
import { checkManifest, decodeManifest, isPiece, pieceCount, pieceRange, type Manifest } from '../pieces/manifest.ts';
import type { FileRecord } from '../records.ts';
import type { Transfers } from '../transfer/transfers.ts';

export interface SafetyOptions {
  readonly id: NodeId;
  readonly files: Pick<NodeFiles, 'index' | 'store'>;
  readonly transfers: Pick<Transfers, 'survey' | 'challenge'>;
  /** Hears of a content of this node that is not what it should be. */
  readonly onRotten: (record: FileRecord) => void;
  /** How many live nodes are to hold each file. */
  readonly wanted: number;
  readonly zoneOf: (id: NodeId) => string | undefined;
  readonly random: Random;
  readonly logger: Logger;
}

/** Files looked at, and nodes of each challenged, at once; and nodes challenged for a file in all. */
const FILES_AT_ONCE = 4;
const MAX_CHALLENGED = 16;

/** What a holder has to show: so many pieces, and about so many bytes; a longer piece alone. */
const MAX_PIECES_SHOWN = 4;
const MAX_BYTES_SHOWN = 1024 * 1024;

/** SAFE: who can show, now, that it holds a file, and whether these are enough. */
export class Safety {
  readonly #options: SafetyOptions;

  constructor(options: SafetyOptions) {
    this.#options = options;
  }

  /**
   * Of one file, as GET finds it, or of all there are.
   *
   * @throws ERR_NAME, ERR_NO_SUCH_FILE, or the signal's reason.
   */
  async check(query: string | undefined, { signal }: AbortOptions = {}): Promise<SafetyReport> {
    const { index } = this.#options.files;
    if (query !== undefined) checkFileName(query);
    const found = query === undefined ? index.list() : [index.find(query)];
    const waiting = found.flatMap((entry) => (entry === undefined ? [] : [entry.record]));
    if (query !== undefined && waiting.length === 0)
      throw new KernelError('ERR_NO_SUCH_FILE', `no node of the network holds ${quote(query)}`);
    const files = new Map<number, FileSafety>();
    const queue = [...waiting.entries()];
    const work = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [at, record] = next;
        files.set(at, await this.#checkFile(record, signal));
      }
    };
    await Promise.all(Array.from({ length: FILES_AT_ONCE }, work));
    const inOrder = waiting.flatMap((_, at) => files.get(at) ?? []);
    return { files: inOrder, safe: inOrder.every(({ safe }) => safe) };
  }

  async #checkFile(record: FileRecord, signal: AbortSignal | undefined): Promise<FileSafety> {
    const { files, wanted: replicas, zoneOf } = this.#options;
    const said = files.index.holdersOf(record);
    const manifest = await this.#manifest(record, said, signal);
    const asked = manifest === undefined ? [] : said.slice(0, MAX_CHALLENGED);
    const shown = await Promise.all(asked.map((holder) => this.#shows(record, manifest, holder, signal)));
    const holders = asked.filter((_, at) => shown[at]);
    const wanted = Math.max(1, replicas);
    const zones = [...new Set(holders.map(zoneOf))].filter((zone) => zone !== undefined).sort();
    const missing = Math.max(0, wanted - holders.length);
    const { checksum, name } = record;
    return { name, checksum, copies: holders.length, wanted, missing, holders, zones, safe: missing === 0 };
  }

  async #shows(
    record: FileRecord,
    manifest: Manifest | undefined,
    holder: NodeId,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    if (manifest === undefined) return false;
    const { id, logger, transfers } = this.#options;
    const pieces = this.#choose(manifest);
    try {
      if (holder === id) await this.#showOwn(record, manifest, pieces);
      else await transfers.challenge(record, holder, { manifest, pieces, signal });
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      const { message } = toError(error);
      const about = { name: escapeForDisplay(record.name), checksum: record.checksum, peer: holder };
      logger.warn('replica.not_shown', { ...about, code: errorCode(error), reason: message });
      return false;
    }
  }

  async #showOwn(record: FileRecord, manifest: Manifest, pieces: readonly number[]): Promise<void> {
    const { file } = await this.#options.files.store.open(record.name, record.checksum);
    try {
      for (const piece of pieces) {
        const { position, length } = pieceRange(manifest, piece);
        const isRight = isPiece(manifest, piece, blake3(await file.read(position, length)));
        if (isRight) continue;
        this.#options.onRotten(record);
        throw new KernelError('ERR_CHECKSUM', `piece ${piece} on this disk is wrong`);
      }
    } finally {
      await file.close();
    }
  }

  /** Different pieces, by chance; another choice for each holder. */
  #choose(manifest: Manifest): number[] {
    const count = pieceCount(manifest);
    const fitting = Math.floor(MAX_BYTES_SHOWN / manifest.pieceLength);
    const wanted = Math.min(count, MAX_PIECES_SHOWN, Math.max(1, fitting));
    const chosen = new Set<number>();
    while (chosen.size < wanted) chosen.add(Math.floor(this.#options.random.fraction() * count));
    return [...chosen];
  }

  /** That of the record: from here, or from a holder that has it. */
  async #manifest(
    record: FileRecord,
    holders: readonly NodeId[],
    signal: AbortSignal | undefined,
  ): Promise<Manifest | undefined> {
    if (record.manifest === '') return undefined;
    const { files, id, transfers } = this.#options;
    const served = await files.store.open(record.name, record.checksum).catch(() => undefined);
    await served?.file.close();
    if (served?.manifest !== undefined && served.record.manifest === record.manifest)
      return decodeManifest(served.manifest);
    for (const holder of holders.filter((each) => each !== id)) {
      try {
        const { manifest } = await transfers.survey(record, holder, { wantsManifest: true, signal });
        if (manifest === undefined) continue;
        const decoded = decodeManifest(manifest);
        checkManifest(decoded, record);
        return decoded;
      } catch {
        // Another may have it.
        signal?.throwIfAborted();
      }
    }
    return undefined;
  }
}
