import type { Address } from '../kernel/index.ts';
import { joinAddress } from './address-fields.ts';

/** One end of a socket, as an address. IPv4 in IPv6 clothes (`::ffff:1.2.3.4`), as sockets of both families report it, stands as IPv4. */
export function socketAddress(ip: string | undefined, port: number | undefined): Address {
  const plain = ip?.replace(/^::ffff:(?=\d+\.)/, '') ?? '';
  return joinAddress({ ip: plain, port: port ?? 0 });
}
