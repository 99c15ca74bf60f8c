import { networkInterfaces } from 'node:os';
import { isWildcard, joinAddress, splitAddress } from '../kit/index.ts';

/** What a machine calls its addresses, as far as it matters here. */
type Interfaces = Readonly<
  Record<
    string,
    readonly { readonly address: string; readonly family: string; readonly internal: boolean }[] | undefined
  >
>;

/**
 * Where other machines may reach a node that listens on all addresses of this one: what to type there after ADD. Empty where the
 * address says so itself.
 */
export function reachableAddresses(listening: string, interfaces: Interfaces = networkInterfaces()): string[] {
  const { ip, port } = splitAddress(listening);
  if (!isWildcard(ip)) return [];
  return Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && (family === 'IPv4' || ip === '::'))
    .filter(({ address }) => !LINK_LOCAL.test(address))
    .map(({ address }) => joinAddress({ ip: address, port }));
}

/** Addresses that mean something only together with the name of an interface. */
const LINK_LOCAL = /^(fe[89ab][0-9a-f]:|169\.254\.)/i;
