import {
  KernelError,
  errorCode,
  toError,
  type AbortOptions,
  type Address,
  type AddressForm,
  type Clock,
  type Logger,
  type NodeId,
  type SessionListener,
  type SessionTransport,
  type Settings,
} from '../kernel/index.ts';
import { sleep } from '../kit/sleep.ts';
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
import { checkFileName } from './messages/file-name.ts';
import { listen } from './listen.ts';
import { isOpening } from './messages/message.ts';
import { quote } from './messages/display.ts';
import type { OpenedSession } from './overlay/first-message.ts';
import type { NeighbourTable } from './overlay/neighbour-table.ts';
import type { Overlay } from './overlay/overlay.ts';
import type { SelfRecord } from './overlay/self-record.ts';
import type { NodeEvents } from './node-events.ts';
import { PieceMaps } from './piece-maps.ts';
import { Reception } from './reception.ts';
import type { Replicator } from './replication/replicator.ts';
import type { Safety } from './replication/safety.ts';
import type { Transfers } from './transfer/transfers.ts';

/** What a node is made of. */
export interface StorageNodeParts {
  readonly profileName: string;
  readonly user: string;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly self: SelfRecord;
  readonly transport: SessionTransport;
  readonly overlay: Overlay;
  readonly neighbours: NeighbourTable;
  readonly files: NodeFiles;
  readonly transfers: Transfers;
  readonly replicator: Replicator;
  readonly safety: Safety;
  readonly events: NodeEvents;
  /** Ends the work of the plugins, the logger among them: the last thing a node does. */
  readonly closePlugins: () => Promise<void>;
}

/** How long a start waits for files that are new since the last run to be hashed; what takes longer is announced when it is done. */
const FIRST_LOOK_MS = 2_000;

/** A node: one shared folder in a network of them. Everything the documented user commands do, as methods. */
export class StorageNode {
  readonly #parts: StorageNodeParts;
  readonly #reception: Reception;
  readonly #gets: Gets;
  readonly #pieceMaps: PieceMaps;
  readonly #startedAt: number;
  readonly #lifetime = new AbortController();
  #listener: SessionListener | undefined;
  #accepting: Promise<void> = Promise.resolve();
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: StorageNodeParts) {
    this.#parts = parts;
    const { clock, logger, settings } = parts;
    this.#reception = new Reception({ clock, logger, settings, onSession: (opened) => this.#take(opened) });
    const bestFirst = (ids: readonly NodeId[]) => this.#bestFirst(ids);
    const reading = { id: parts.self.id, files: parts.files, transfers: parts.transfers, bestFirst };
    this.#gets = new Gets(reading);
    this.#pieceMaps = new PieceMaps(reading);
    this.#startedAt = clock.now();
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
    this.#requireOpen();
    this.#starting = this.#start(wanted);
    try {
      await this.#starting;
    } catch (error) {
      // What else goes wrong while closing is logged there; why it did not start is what the caller has to hear.
      await this.close().catch(() => undefined);
      throw error;
    }
  }

  /** ADD: makes a direct connection to the node at an address; resolves when it told its network. */
  async add(address: Address, options: AbortOptions = {}): Promise<{ readonly id: NodeId; readonly address: Address }> {
    this.#requireOpen();
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
    this.#requireOpen();
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
    this.#requireOpen();
    return this.#gets.getAll(query, options);
  }

  /**
   * SEND: offers a file of this folder to every other node, each of which fetches it if it lacks that content.
   *
   * @throws ERR_NAME, or ERR_NO_SUCH_FILE where this folder does not hold it.
   */
  async send(name: string, options: TransferOptions = {}): Promise<SentFile> {
    this.#requireOpen();
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
    this.#requireOpen();
    return this.#pieceMaps.map(query, options);
  }

  /**
   * SAFE: how many live nodes hold a file, or each file there is, and can show it now.
   *
   * @throws ERR_NAME, ERR_NO_SUCH_FILE, or the signal's reason.
   */
  async safe(query?: string, options: AbortOptions = {}): Promise<SafetyReport> {
    this.#requireOpen();
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
    this.#requireOpen();
    const { name, checksum } = await this.#parts.files.versions.restore(version);
    return { name, checksum, version };
  }

  /** Hears what no command caused. Gives a function that ends it. */
  subscribe(listener: (event: NodeEvent) => void): () => void {
    return this.#parts.events.subscribe(listener);
  }

  /** BYE: says goodbye to every neighbour, ends transfers and closes. Idempotent; reports the first failure. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #start(wanted: Address): Promise<void> {
    const { files, self, overlay, transport, logger } = this.#parts;
    const { signal } = this.#lifetime;
    await files.start();
    await this.#firstLook();
    signal.throwIfAborted();
    this.#listener = await listen({ transport, self, wanted, logger, signal });
    await self.listens(this.#listener.address);
    signal.throwIfAborted();
    this.#accepting = this.#accept(this.#listener);
    await overlay.start();
    this.#parts.replicator.start();
  }

  /** Waits until the folder is known, but not for ever. */
  async #firstLook(): Promise<void> {
    const { files, clock } = this.#parts;
    const over = new AbortController();
    const patience = sleep(clock, FIRST_LOOK_MS, AbortSignal.any([over.signal, this.#lifetime.signal]));
    try {
      await Promise.race([files.folder.idle(), patience]);
    } finally {
      over.abort();
    }
  }

  async #close(): Promise<void> {
    const { overlay, transfers, files, logger, closePlugins } = this.#parts;
    const closed = new KernelError('ERR_CLOSED', 'the node is closed');
    this.#lifetime.abort(closed);
    // What the start opens is closed below, so it has to be over; why it failed is told to whoever started.
    await this.#starting?.catch(() => undefined);
    const steps = [
      () => this.#listener?.close(),
      () => Promise.all([overlay.close(), this.#reception.close(closed)]),
      () => this.#parts.replicator.close(),
      () => transfers.close(),
      () => files.close(),
      () => this.#accepting,
      closePlugins,
    ];
    const failures: unknown[] = [];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
        logger.error('node.close_failed', { code: errorCode(error), reason: toError(error).message });
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  async #accept(listener: SessionListener): Promise<void> {
    const { logger, events } = this.#parts;
    try {
      await this.#reception.run(listener);
    } catch (thrown) {
      const { message } = toError(thrown);
      const code = errorCode(thrown) ?? 'ERR_LISTEN_FAILED';
      logger.error('node.accept_failed', { code, reason: message });
      events.emit({ type: 'warning', code, message: `nobody can reach this node any more: ${message}` });
    }
  }

  /** The first message says what a session is for. */
  async #take({ message, session }: OpenedSession): Promise<void> {
    const { overlay, transfers } = this.#parts;
    if (message.type === 'CONN') await overlay.accept(session, message);
    else if (isOpening(message)) transfers.accept(session, message);
    else if (message.type === 'SUSP') await overlay.refute(session, message);
    else
      throw new KernelError(
        'ERR_MESSAGE',
        `a session begins with CONN, SUSP, SMFX, SDFX, KEEP or DROP, not with ${message.type}`,
      );
  }

  /** This node first, which needs no network, then the others by the profile's order. */
  #bestFirst(ids: readonly NodeId[]): NodeId[] {
    const others = this.#parts.neighbours.sort(ids.filter((id) => id !== this.id));
    return ids.includes(this.id) ? [this.id, ...others] : others;
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw new KernelError('ERR_CLOSED', 'the node is closed');
  }
}
