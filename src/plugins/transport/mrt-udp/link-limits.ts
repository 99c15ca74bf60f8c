import { readFileSync } from 'node:fs';
import { BlockList, isIPv4 } from 'node:net';
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import type { Clock } from '../../../kernel/index.ts';
import { BASE_DATAGRAM, LARGEST_DATAGRAM } from './constants.ts';

/** MTU of Ethernet: what is taken for a link whose own is not known, and beyond the own network. */
const ETHERNET_MTU = 1_500;

/** Bytes of IP and UDP headers. */
const IPV4_HEADERS = 28;
const IPV6_HEADERS = 48;

/** How long the interfaces are taken to be the same. */
const FRESH_MS = 60_000;

interface Link {
  readonly mtu: number;
  readonly isInternal: boolean;
  readonly addresses: ReadonlySet<string>;
  readonly network: BlockList;
}

/**
 * How large a datagram may be to leave this machine whole. Node cannot set the "don't fragment" flag. Linux sets it by
 * default, but only on what fits the first link: anything larger it cuts into fragments that arrive, so that a probe of it would
 * prove nothing. So no probe is larger than the link it leaves by: that of the own network the address is in, loopback, or Ethernet.
 */
export class LinkLimits {
  readonly #clock: Clock;
  #links: readonly Link[] = [];
  #readAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Largest UDP payload to an IP address, from 1,200 bytes up. */
  to(ip: string): number {
    const family = isIPv4(ip) ? 'ipv4' : 'ipv6';
    const links = this.#fresh();
    const isOurs = links.some((link) => link.addresses.has(ip));
    const link = links.find((each) => (isOurs ? each.isInternal : each.network.check(ip, family)));
    const headers = family === 'ipv4' ? IPV4_HEADERS : IPV6_HEADERS;
    return Math.max(BASE_DATAGRAM, Math.min(LARGEST_DATAGRAM, (link?.mtu ?? ETHERNET_MTU) - headers));
  }

  #fresh(): readonly Link[] {
    const now = this.#clock.now();
    if (now - this.#readAt < FRESH_MS) return this.#links;
    this.#readAt = now;
    this.#links = Object.entries(networkInterfaces()).map(([name, addresses = []]) => linkOf(name, addresses));
    return this.#links;
  }
}

function linkOf(name: string, infos: readonly NetworkInterfaceInfo[]): Link {
  const network = new BlockList();
  for (const { cidr, family } of infos) {
    const [address = '', prefix] = cidr?.split('/') ?? [];
    if (prefix !== undefined) network.addSubnet(address, Number(prefix), family === 'IPv4' ? 'ipv4' : 'ipv6');
  }
  const addresses = new Set(infos.map(({ address }) => address));
  return { mtu: mtuOf(name), isInternal: infos.some(({ internal }) => internal), addresses, network };
}

/** The MTU of an interface where the system tells it, as Linux does in a file. */
function mtuOf(name: string): number {
  try {
    return Number.parseInt(readFileSync(`/sys/class/net/${name}/mtu`, 'utf8'), 10) || ETHERNET_MTU;
  } catch {
    return ETHERNET_MTU;
  }
}
