import type { Address } from '../../../kernel/index.ts';
import { joinAddress } from '../../../kit/address-fields.ts';

/** Where datagrams go to and come from. IPv4 in IPv6 clothes (`::ffff:1.2.3.4`) stands as IPv4. */
export interface UdpAddress {
  readonly ip: string;
  readonly port: number;
}

/** The text of where a datagram goes to or comes from. */
export function formatUdpAddress(address: UdpAddress): Address {
  return joinAddress(address);
}

export function isSameAddress(one: UdpAddress, other: UdpAddress): boolean {
  return one.port === other.port && one.ip === other.ip;
}
