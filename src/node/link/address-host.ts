import type { Address } from '../../kernel/index.ts';
import { sourceNetwork, splitAddress } from '../../kit/index.ts';

/** The host in an address of the forms `1.2.3.4:80`, `[::1]:80`, `name:80` and `scheme://host:80/path`, without brackets; else `undefined`. */
export function hostOf(address: Address): string | undefined {
  const { ip } = splitAddress(address);
  if (ip !== address) return ip;
  if (!address.includes('://') || !URL.canParse(address)) return undefined;
  const { hostname } = new URL(address);
  return hostname === '' ? undefined : hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Whom limits are counted for, given where a connection came from; see `sourceNetwork`. Addresses without a host count as they stand. */
export function sourceOf(remote: Address): string {
  return sourceNetwork(hostOf(remote) ?? remote);
}
