import { KernelError, type AbortOptions, type NodeId } from '../kernel/index.ts';
import type { PieceHolder, PieceMap } from './api.ts';
import type { NodeFiles } from './files/node-files.ts';
import { quote } from './messages/display.ts';
import { checkFileName } from './messages/file-name.ts';
import { checkManifest, decodeManifest, pieceCount, type Manifest } from './pieces/manifest.ts';
import type { FileRecord } from './records.ts';
import type { Transfers } from './transfer/transfers.ts';

export interface PieceMapsOptions {
  readonly id: NodeId;
  readonly files: Pick<NodeFiles, 'index' | 'store'>;
  readonly transfers: Pick<Transfers, 'survey'>;
  /** Puts nodes in the order in which they are shown and asked. */
  readonly bestFirst: (ids: readonly NodeId[]) => readonly NodeId[];
}

/** What this node itself has of a file. */
interface Own {
  readonly manifest: Manifest | undefined;
  /** Pieces; `Infinity` for all of them, however many there are. */
  readonly pieces: number;
}

/** Nodes that are asked which pieces they have of a file they are fetching. The others are shown, and what they have is not known. */
const MAX_ASKED = 32;

/** Holders that are asked for the manifest, one after the other. */
const MAX_ASKED_FOR_MANIFEST = 3;

/** PIECES: who has which part of a file. */
export class PieceMaps {
  readonly #options: PieceMapsOptions;

  constructor(options: PieceMapsOptions) {
    this.#options = options;
  }

  /** See StorageNode.pieces. */
  async map(query: string, { signal }: AbortOptions): Promise<PieceMap> {
    const { bestFirst, files, id } = this.#options;
    checkFileName(query);
    const record = files.index.find(query)?.record;
    if (record === undefined)
      throw new KernelError('ERR_NO_SUCH_FILE', `no folder of the network holds ${quote(query)}`);
    const whole = bestFirst(files.index.holdersOf(record));
    const own = await this.#own(record);
    const parts = [...(own.pieces > 0 ? [id] : []), ...files.index.fetchersOf(record)];
    const fetching = bestFirst([...new Set(parts)].filter((each) => !whole.includes(each)));
    const manifest = own.manifest ?? (await this.#askManifest(record, whole, signal));
    const count = manifest === undefined ? null : pieceCount(manifest);
    const ours = Math.min(own.pieces, count ?? 0);
    const countOf = async (node: NodeId) => {
      if (node === id) return ours;
      return fetching.indexOf(node) < MAX_ASKED ? this.#askCount(record, node, count, signal) : null;
    };
    const holders: PieceHolder[] = [
      ...whole.map((node) => ({ id: node, whole: true, pieces: count })),
      ...(await Promise.all(fetching.map(async (node) => ({ id: node, whole: false, pieces: await countOf(node) })))),
    ];
    const { name, size, checksum } = record;
    return { name, size, checksum, pieces: count, pieceLength: manifest?.pieceLength ?? null, ours, holders };
  }

  async #own(record: FileRecord): Promise<Own> {
    const { store } = this.#options.files;
    const served = await store.open(record.name, record.checksum).catch(() => undefined);
    if (served === undefined) return { manifest: undefined, pieces: 0 };
    await served.file.close();
    const { complete, size } = served.pieces.set;
    const isSame = served.manifest !== undefined && served.record.manifest === record.manifest;
    const manifest = isSame ? decodeManifest(served.manifest) : undefined;
    // Of a part that is cut otherwise nothing can be said.
    return { manifest, pieces: complete ? Infinity : isSame ? size : 0 };
  }

  /** `undefined` where the file has none that is known, or nobody sends it. */
  async #askManifest(
    record: FileRecord,
    holders: readonly NodeId[],
    signal: AbortSignal | undefined,
  ): Promise<Manifest | undefined> {
    if (record.manifest === '') return undefined;
    const { id, transfers } = this.#options;
    for (const holder of holders.filter((each) => each !== id).slice(0, MAX_ASKED_FOR_MANIFEST)) {
      try {
        const { manifest } = await transfers.survey(record, holder, { wantsManifest: true, signal });
        const decoded = manifest === undefined ? undefined : decodeManifest(manifest);
        if (decoded !== undefined) checkManifest(decoded, record);
        if (decoded !== undefined) return decoded;
      } catch {
        // Another may have it; whoever has a wrong one is told so, and the user, by GET.
        signal?.throwIfAborted();
      }
    }
    return undefined;
  }

  /** How many pieces a node says that it has; null where it does not say. */
  async #askCount(
    record: FileRecord,
    node: NodeId,
    count: number | null,
    signal: AbortSignal | undefined,
  ): Promise<number | null> {
    if (count === null) return null;
    try {
      const { pieces } = await this.#options.transfers.survey(record, node, { wantsManifest: false, signal });
      pieces.setCount(count);
      let held = 0;
      for (let piece = 0; piece < count; piece++) if (pieces.has(piece)) held++;
      return held;
    } catch {
      // It may be gone, or done, since it said that it has a part: no fault of the user's, and no answer.
      signal?.throwIfAborted();
      return null;
    }
  }
}
