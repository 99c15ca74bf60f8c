import {
  KernelError,
  errorCode,
  toError,
  type Address,
  type Clock,
  type Logger,
  type SessionListener,
  type SessionTransport,
  type Settings,
} from '../kernel/index.ts';
import { sleep } from '../kit/sleep.ts';
import type { NodeFiles } from './files/node-files.ts';
import { listen, type ListenOptions } from './listen.ts';
import { isOpening } from './messages/message.ts';
import type { NodeEvents } from './node-events.ts';
import type { OpenedSession } from './overlay/first-message.ts';
import type { Overlay } from './overlay/overlay.ts';
import type { SelfRecord } from './overlay/self-record.ts';
import { Reception } from './reception.ts';
import type { Replicator } from './replication/replicator.ts';
import type { Transfers } from './transfer/transfers.ts';

/** What of a node is started and closed, and what that takes. */
export interface LifecycleParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: Pick<Settings, 'handshakeMs'>;
  readonly self: ListenOptions['self'] & Pick<SelfRecord, 'listens'>;
  readonly transport: SessionTransport;
  readonly overlay: Pick<Overlay, 'start' | 'accept' | 'refute' | 'close'>;
  readonly files: Pick<NodeFiles, 'start' | 'close'> & { readonly folder: Pick<NodeFiles['folder'], 'idle'> };
  readonly transfers: Pick<Transfers, 'accept' | 'close'>;
  readonly replicator: Pick<Replicator, 'start' | 'close'>;
  readonly events: Pick<NodeEvents, 'emit'>;
  /** Ends the work of the plugins, the logger among them: the last thing a node does. */
  readonly closePlugins: () => Promise<void>;
}

/** How long a start waits for files that are new since the last run to be hashed; what takes longer is announced when it is done. */
const FIRST_LOOK_MS = 2_000;

/** The life of a node: what starts after what, to whom the sessions of others go while it runs, and what closes before what. */
export class Lifecycle {
  readonly #parts: LifecycleParts;
  readonly #reception: Reception;
  readonly #lifetime = new AbortController();
  #listener: SessionListener | undefined;
  #accepting: Promise<void> = Promise.resolve();
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: LifecycleParts) {
    this.#parts = parts;
    const { clock, logger, settings } = parts;
    this.#reception = new Reception({ clock, logger, settings, onSession: (opened) => this.#take(opened) });
  }

  /** See StorageNode.start. */
  async start(wanted: Address): Promise<void> {
    this.requireOpen();
    this.#starting = this.#start(wanted);
    try {
      await this.#starting;
    } catch (error) {
      // What else goes wrong while closing is logged there; why it did not start is what the caller has to hear.
      await this.close().catch(() => undefined);
      throw error;
    }
  }

  /** See StorageNode.close. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  /** Throws ERR_CLOSED from the moment on at which the node is closed. */
  requireOpen(): void {
    if (this.#closing !== undefined) throw new KernelError('ERR_CLOSED', 'the node is closed');
  }

  async #start(wanted: Address): Promise<void> {
    const { files, self, overlay, transport, logger, replicator } = this.#parts;
    const { signal } = this.#lifetime;
    await files.start();
    await this.#firstLook();
    signal.throwIfAborted();
    this.#listener = await listen({ transport, self, wanted, logger, signal });
    await self.listens(this.#listener.address);
    signal.throwIfAborted();
    this.#accepting = this.#accept(this.#listener);
    await overlay.start();
    replicator.start();
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
    const { overlay, transfers, files, replicator, logger, closePlugins } = this.#parts;
    const closed = new KernelError('ERR_CLOSED', 'the node is closed');
    this.#lifetime.abort(closed);
    // What the start opens is closed below, so it has to be over; why it failed is told to whoever started.
    await this.#starting?.catch(() => undefined);
    const steps = [
      () => this.#listener?.close(),
      () => Promise.all([overlay.close(), this.#reception.close(closed)]),
      () => replicator.close(),
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
}
