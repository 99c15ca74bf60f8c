import type { Address } from '../../src/kernel/index.ts';

/** Where one node, or the stranger, lives. */
export interface Host {
  /** The words that a program of this host is started with; none where it is started as it is. */
  readonly launcher: readonly string[];
  /** What `peerhold start` needs to be told of where to listen, and what others are to be told. */
  readonly flags: readonly string[];
  /** Where the stranger finds the node, given the address that the node tells others. */
  exposed(told: Address): Address;
}

/**
 * What lies between the nodes, by name. Whoever is cut from each other hears nothing of each other, neither what was sent nor that it was lost.
 */
export interface ChaosNetwork {
  /** What to call it. */
  readonly about: string;
  /** The host of a node. @throws RangeError where there is none of that name */
  host(name: string): Host;
  /** What programs of the stranger are started with. */
  readonly strangerLauncher: readonly string[];
  /** Two nodes cannot reach each other from now on. */
  cut(a: string, b: string): Promise<void>;
  /** They can again. */
  mend(a: string, b: string): Promise<void>;
  /** All can. */
  mendAll(): Promise<void>;
  /** Takes the network down. Idempotent. */
  close(): Promise<void>;
}

/** What two nodes that are cut from each other are kept under, whoever is named first. */
export function pairKey(a: string, b: string): string {
  return [a, b].sort().join(' ');
}
