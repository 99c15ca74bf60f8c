/**
 * Whom limits are counted for, of an IP address as sockets tell it: one IPv4 address, or one IPv6 network of 64 bits, since a single machine
 * has all the addresses in it. Anything else counts as it stands.
 */
export function sourceNetwork(ip: string): string {
  if (!ip.includes(':') || ip.startsWith('::ffff:')) return ip;
  const [head = '', tail] = ip.split('%', 1)[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const ending = tail === '' ? [] : tail.split(':');
    const missing = Math.max(0, GROUPS - groups.length - ending.length);
    groups.push(...Array.from({ length: missing }, () => '0'), ...ending);
  }
  return `${groups.slice(0, GROUPS / 2).join(':')}::/64`;
}

/** Groups of 16 bits in an IPv6 address. */
const GROUPS = 8;
