import type { Address } from '../kernel/index.ts';
import { joinAddress } from './address-fields.ts';

/** An IP address as a person writes it: IPv4 in IPv6 clothes (`::ffff:1.2.3.4`), as sockets of both families report it, stands as IPv4. */
export function plainIp(ip: string): string {
  return ip.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}

/** One end of a socket, as an address. */
export function socketAddress(ip: string | undefined, port: number | undefined): Address {
  return joinAddress({ ip: plainIp(ip ?? ''), port: port ?? 0 });
}
