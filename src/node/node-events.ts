import { toError, type Logger } from '../kernel/index.ts';
import type { NodeEvent } from './api.ts';

/** Tells whoever listens what happens to the node by itself. A listener that throws harms nobody else. */
export class NodeEvents {
  readonly #logger: Logger;
  readonly #listeners = new Set<(event: NodeEvent) => void>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  emit(event: NodeEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (thrown) {
        this.#logger.error('node.listener_failed', { type: event.type, reason: toError(thrown).message });
      }
    }
  }

  /** Adds a listener; the function given removes it. */
  subscribe(listener: (event: NodeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
