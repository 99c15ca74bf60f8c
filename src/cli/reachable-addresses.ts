import { networkInterfaces } from 'node:os';
import type { Address, AddressForm } from '../kernel/index.ts';
import { isWildcard } from '../kit/index.ts';

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
export function reachableAddresses(
  listening: Address,
  form: AddressForm,
  interfaces: Interfaces = networkInterfaces(),
): Address[] {
  const at = form.split(listening);
  if (at === undefined || !isWildcard(at.host)) return [];
  return Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && (family === 'IPv4' || at.host === '::'))
    .filter(({ address }) => !LINK_LOCAL.test(address))
    .map(({ address }) => form.join(listening, { host: address, port: at.port }));
}

/** Addresses that mean something only together with the name of an interface. */
const LINK_LOCAL = /^(fe[89ab][0-9a-f]:|169\.254\.)/i;
