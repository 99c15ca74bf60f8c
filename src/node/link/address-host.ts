import type { Address } from '../../kernel/index.ts';
import { splitAddress } from '../../kit/index.ts';

/** The host in an address of the forms `1.2.3.4:80`, `[::1]:80`, `name:80` and `scheme://host:80/path`, without brackets; else `undefined`. */
export function hostOf(address: Address): string | undefined {
  const { ip } = splitAddress(address);
  if (ip !== address) return ip;
  if (!address.includes('://') || !URL.canParse(address)) return undefined;
  const { hostname } = new URL(address);
  return hostname === '' ? undefined : hostname.replace(/^\[(.*)\]$/, '$1');
}

/**
 * Whom limits are counted for, given where a connection came from: one IPv4 address, or one IPv6 network of 64 bits, since a single
 * machine has all the addresses in it. Addresses without a host count as they stand.
 */
export function sourceOf(remote: Address): string {
  const host = hostOf(remote) ?? remote;
  if (!host.includes(':') || host.startsWith('::ffff:')) return host;
  const [head = '', tail] = host.split('%', 1)[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const ending = tail === '' ? [] : tail.split(':');
    groups.push(...Array.from({ length: 8 - groups.length - ending.length }, () => '0'), ...ending);
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}
