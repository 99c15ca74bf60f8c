import type { Clock, NodeId, Settings, Timer } from '../../kernel/index.ts';
import type { DirectConnection } from './direct-connection.ts';

interface Missing {
  readonly connection: DirectConnection;
  readonly timer: Timer;
}

export interface MissingPeersOptions {
  readonly clock: Clock;
  readonly settings: Pick<Settings, 'deadMs'>;
  /** The silence of a peer has lasted too long. */
  readonly onGone: (connection: DirectConnection) => void;
}

/** Neighbours whose connection was lost though nobody said goodbye: they may be alive until they were silent for too long. */
export class MissingPeers {
  readonly #options: MissingPeersOptions;
  readonly #missing = new Map<NodeId, Missing>();

  constructor(options: MissingPeersOptions) {
    this.#options = options;
  }

  has(id: NodeId): boolean {
    return this.#missing.has(id);
  }

  /** Enters the peer of a connection that was lost; `heardAt`, by the clock, is when the peer was last heard, here or elsewhere. */
  add(connection: DirectConnection, heardAt = connection.lastHeard): void {
    const { clock, settings, onGone } = this.#options;
    const remainingMs = heardAt + settings.deadMs - clock.now();
    this.take(connection.peer);
    const timer = clock.setTimer(Math.max(0, remainingMs), () => {
      this.#missing.delete(connection.peer);
      onGone(connection);
    });
    this.#missing.set(connection.peer, { connection, timer });
  }

  /** Takes a peer out, since its fate is known; gives the connection that was lost. */
  take(id: NodeId): DirectConnection | undefined {
    const missing = this.#missing.get(id);
    missing?.timer.cancel();
    this.#missing.delete(id);
    return missing?.connection;
  }

  /** The connections that were lost. */
  get connections(): readonly DirectConnection[] {
    return [...this.#missing.values()].map(({ connection }) => connection);
  }

  /** Forgets all. */
  clear(): void {
    for (const { timer } of this.#missing.values()) timer.cancel();
    this.#missing.clear();
  }
}
