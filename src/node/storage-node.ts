import { KernelError, type AbortOptions, type Address, type AddressForm, type NodeId } from '../kernel/index.ts';
import type {
  GotFiles,
  ListedFile,
  NodeEvent,
  NodeStatus,
  PeerStatus,
  PieceMap,
  ReceivedFile,
  SafetyReport,
  SentFile,
  StoredVersion,
} from './api.ts';
import { toListedFile } from './files/file-entries.ts';
import type { NodeFiles } from './files/node-files.ts';
import { Gets, type GetAllOptions, type TransferOptions } from './gets.ts';
import { Lifecycle, type LifecycleParts } from './lifecycle.ts';
import { checkFileName } from './messages/file-name.ts';
import { quote } from './messages/display.ts';
import type { NeighbourTable } from './overlay/neighbour-table.ts';
import type { Overlay } from './overlay/overlay.ts';
import type { SelfRecord } from './overlay/self-record.ts';
import type { NodeEvents } from './node-events.ts';
import { PieceMaps } from './piece-maps.ts';
import type { Safety } from './replication/safety.ts';
import type { Transfers } from './transfer/transfers.ts';

/** What a node is made of. */
export interface StorageNodeParts extends LifecycleParts {
  readonly profileName: string;
  readonly user: string;
  readonly self: SelfRecord;
  readonly overlay: Overlay;
  readonly neighbours: NeighbourTable;
  readonly files: NodeFiles;
  readonly transfers: Transfers;
  readonly safety: Safety;
  readonly events: NodeEvents;
}

/** A node: one shared folder in a network of them. Everything the documented user commands do, as methods. */
export class StorageNode {
  readonly #parts: StorageNodeParts;
  readonly #lifecycle: Lifecycle;
  readonly #gets: Gets;
  readonly #pieceMaps: PieceMaps;
  readonly #startedAt: number;

  constructor(parts: StorageNodeParts) {
    this.#parts = parts;
    this.#lifecycle = new Lifecycle(parts);
    const bestFirst = (ids: readonly NodeId[]) => this.#bestFirst(ids);
    const reading = { id: parts.self.id, files: parts.files, transfers: parts.transfers, bestFirst };
    this.#gets = new Gets(reading);
    this.#pieceMaps = new PieceMaps(reading);
    this.#startedAt = parts.clock.now();
  }

  get id(): NodeId {
    return this.#parts.self.id;
  }

  /** Where others reach the node. */
  get address(): Address {
    return this.#parts.self.address;
  }

  /** How the addresses of this network name hosts and ports. */
  get addressForm(): AddressForm {
    return this.#parts.self.addressForm;
  }

  get profileName(): string {
    return this.#parts.profileName;
  }

  get user(): string {
    return this.#parts.user;
  }

  /**
   * Reads the folder, listens, and finds the neighbours of the last run again. Once.
   *
   * @throws ERR_ADDRESS, ERR_ADDRESS_IN_USE, ERR_LISTEN_FAILED, ERR_PLAINTEXT_REFUSED, ERR_CLOSED where the node is closed meanwhile, or what
   * the disk says; nothing is left open then.
   */
  async start(wanted: Address): Promise<void> {
    await this.#lifecycle.start(wanted);
  }

  /** ADD: makes a direct connection to the node at an address; resolves when it told its network. */
  async add(address: Address, options: AbortOptions = {}): Promise<{ readonly id: NodeId; readonly address: Address }> {
    this.#lifecycle.requireOpen();
    return this.#parts.overlay.add(address, options);
  }

  /** LIST: every file that at least one folder of the network holds. */
  list(): ListedFile[] {
    const { files } = this.#parts;
    return files.index.list().map((entry) => toListedFile(entry, this.#bestFirst(entry.holders)));
  }

  /**
   * GET of one file: brings it into the folder, from the holders, best placed first. `name@user` asks for one user's.
   *
   * @throws ERR_NAME, ERR_NO_SUCH_FILE, ERR_NO_SOURCE where no holder could deliver, or what the disk says.
   */
  async get(query: string, options: TransferOptions = {}): Promise<ReceivedFile> {
    this.#lifecycle.requireOpen();
    return this.#gets.get(query, options);
  }

  /** The files, by name, that a folder (`dir/`) or a glob pattern means; `undefined` where `get` is what brings it, or fails. */
  matching(query: string): readonly string[] | undefined {
    return this.#gets.matching(query);
  }

  /**
   * GET of all that `matching` gives: the current version of each, some at once. A file that fails does not stop the others.
   *
   * @throws ERR_NO_SUCH_FILE where nothing matches, or the signal's reason.
   */
  async getAll(query: string, options: GetAllOptions = {}): Promise<GotFiles> {
    this.#lifecycle.requireOpen();
    return this.#gets.getAll(query, options);
  }

  /**
   * SEND: offers a file of this folder to every other node, each of which fetches it if it lacks that content.
   *
   * @throws ERR_NAME, or ERR_NO_SUCH_FILE where this folder does not hold it.
   */
  async send(name: string, options: TransferOptions = {}): Promise<SentFile> {
    this.#lifecycle.requireOpen();
    const { transfers, neighbours, files } = this.#parts;
    checkFileName(name);
    const record = files.index.own.holding(name)?.record;
    if (record === undefined) throw new KernelError('ERR_NO_SUCH_FILE', `this folder does not hold ${quote(name)}`);
    const to = await transfers.offer(record, [...neighbours], options);
    return { name: record.name, checksum: record.checksum, to };
  }

  /**
   * PIECES: of what pieces a file is made, and who has how many. Asks a holder for the manifest where this node does not have it, and those who are fetching
   * the file how much they have.
   *
   * @throws ERR_NAME, ERR_NO_SUCH_FILE, or the signal's reason.
   */
  async pieces(query: string, options: AbortOptions = {}): Promise<PieceMap> {
    this.#lifecycle.requireOpen();
    return this.#pieceMaps.map(query, options);
  }

  /**
   * SAFE: how many live nodes hold a file, or each file there is, and can show it now.
   *
   * @throws ERR_NAME, ERR_NO_SUCH_FILE, or the signal's reason.
   */
  async safe(query?: string, options: AbortOptions = {}): Promise<SafetyReport> {
    this.#lifecycle.requireOpen();
    return this.#parts.safety.check(query, options);
  }

  /** PEERS: every other node of the network, best placed first. */
  peers(): PeerStatus[] {
    return this.#parts.overlay.peers();
  }

  status(): NodeStatus {
    const { self, clock, overlay, neighbours, files, transfers } = this.#parts;
    return {
      id: this.id,
      address: this.address,
      user: this.user,
      profile: this.profileName,
      incarnation: self.incarnation,
      uptimeMs: Math.round(clock.now() - this.#startedAt),
      direct: overlay.directCount,
      known: neighbours.size,
      files: files.index.holdingsOf(this.id).files,
      hashing: files.folder.unhashed,
      transfers: transfers.active,
    };
  }

  /** VERSIONS: the replaced versions that are kept, of one file or of all. */
  async versions(name?: string): Promise<StoredVersion[]> {
    return this.#parts.files.versions.list(name);
  }

  /** RESTORE: puts a kept version back under its name; what is there now is kept in its place. Throws ERR_NO_SUCH_VERSION. */
  async restore(
    version: string,
  ): Promise<{ readonly name: string; readonly checksum: string; readonly version: string }> {
    this.#lifecycle.requireOpen();
    const { name, checksum } = await this.#parts.files.versions.restore(version);
    return { name, checksum, version };
  }

  /** Hears what no command caused. Gives a function that ends it. */
  subscribe(listener: (event: NodeEvent) => void): () => void {
    return this.#parts.events.subscribe(listener);
  }

  /** BYE: says goodbye to every neighbour, ends transfers and closes. Idempotent; reports the first failure. */
  async close(): Promise<void> {
    await this.#lifecycle.close();
  }

  /** This node first, which needs no network, then the others by the profile's order. */
  #bestFirst(ids: readonly NodeId[]): NodeId[] {
    const others = this.#parts.neighbours.sort(ids.filter((id) => id !== this.id));
    return ids.includes(this.id) ? [this.id, ...others] : others;
  }
}
