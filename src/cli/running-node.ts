import { setMaxListeners } from 'node:events';
import { KernelError } from '../kernel/index.ts';
import { announcement, type Announcement } from './events.ts';
import type { CommandNode } from './execute-command.ts';

/** Waits until nothing is under way any more. */
type Settle = () => Promise<void>;

/**
 * A node that several command sessions share (the terminal, the control socket's connections), and that each of them may end:
 * leaving gives up what the sessions have under way, waits until they have said so, takes leave of the network and closes.
 */
export class RunningNode {
  readonly node: CommandNode;
  readonly #leaving = new AbortController();
  readonly #listeners = new Set<(event: Announcement) => void>();
  readonly #sessions = new Set<Settle>();
  readonly #unsubscribe: () => void;
  #left: Promise<void> | undefined;

  constructor(node: CommandNode) {
    this.node = node;
    // Every command under way listens, and how many there are is limited elsewhere.
    setMaxListeners(0, this.#leaving.signal);
    this.#unsubscribe = node.subscribe((event) => this.announce(announcement(event)));
  }

  /** Aborts when the node begins to leave. */
  get leaving(): AbortSignal {
    return this.#leaving.signal;
  }

  /** What every session is told first. */
  get ready(): Announcement {
    const { address, id, profileName } = this.node;
    return { event: 'ready', address, id, profile: profileName };
  }

  /** Tells all listeners. */
  announce(event: Announcement): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** Calls back with what no command caused, `closed` not among it. Returns the way to stop. */
  subscribe(listener: (event: Announcement) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Registers a session, whose running commands are waited for before the node closes. Returns the way to leave. */
  join(settle: Settle): () => void {
    this.#sessions.add(settle);
    return () => this.#sessions.delete(settle);
  }

  /** Ends the node; every call gives the same outcome, which is that of closing it. */
  leave(): Promise<void> {
    this.#left ??= this.#leave();
    return this.#left;
  }

  async #leave(): Promise<void> {
    this.#leaving.abort(new KernelError('ERR_CLOSED', 'the node is leaving'));
    await Promise.all([...this.#sessions].map((settle) => settle()));
    this.#unsubscribe();
    await this.node.close();
  }
}
