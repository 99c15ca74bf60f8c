import type { Address } from '../kernel/index.ts';

/**
 * What a file with a plugin may export as `conformance`: how `peerhold conform` makes and reaches the plugin. Every field may be left
 * out, and so may the whole.
 */
export interface Conformance {
  /** Options the plugin is made with, or a function that gives them, called for each instance. By default none. */
  readonly options?: unknown;
  /** Transports: an address to listen on that nobody uses, another one at each call. By default `127.0.0.1:0`. */
  readonly listen?: () => Address;
  /** Transports: an address where nobody listens. By default `127.0.0.1:9`. */
  readonly nobody?: () => Address;
  /** Neighbour priorities: false for a form that sorted insertion makes slow. By default true. */
  readonly balanced?: boolean;
  /**
   * Loggers: all that one instance has written so far, given the options it was made with and the directory of its own that its context
   * named. By default what it wrote to the context's `stderr`.
   */
  readonly written?: (options: unknown, privateDirectory: string) => string | Promise<string>;
}
