import { KernelError, type Address } from '../kernel/index.ts';

/** An address as the messages carry it, and as sockets want it. */
export interface AddressFields {
  /** An IP address without brackets, a host name, or, with port 0, the whole of an address that has another form. */
  readonly ip: string;
  /** 0 to 65535. */
  readonly port: number;
}

const MAX_PORT = 65_535;

/**
 * Splits `1.2.3.4:80`, `[::1]:80` or `host:80`; the host may be empty, as where a message leaves it to the receiver. Text of any other form,
 * which only its transport understands, comes back whole as the `ip`, with port 0. `joinAddress` undoes it for every address
 * that can be dialled (a host name with port 0 is none).
 */
export function splitAddress(address: Address): AddressFields {
  const [, bracketed, plain, digits] = /^(?:\[([^[\]]*)\]|([^:[\]]*)):(0|[1-9]\d{0,4})$/.exec(address) ?? [];
  const ip = bracketed?.includes(':') === true ? bracketed : plain;
  const port = Number(digits);
  return ip === undefined || port > MAX_PORT ? { ip: address, port: 0 } : { ip, port };
}

/** The address of these fields. */
export function joinAddress({ ip, port }: AddressFields): Address {
  return port === 0 && !isIp(ip) ? ip : hostAndPort(ip, port);
}

/**
 * Parses what a transport over IP listens on and dials: `1.2.3.4:80`, `[::1]:80`, or `host.name:80`, the port 0 to 65535. IPv6 comes back in
 * its shortest form (RFC 5952), names in lower case.
 *
 * @throws ERR_ADDRESS saying which form is expected.
 */
export function parseSocketAddress(text: string): AddressFields {
  const { ip, port } = splitAddress(text.trim());
  const host = ip === text.trim() ? undefined : (canonicalIp(ip) ?? hostName(ip));
  if (host === undefined) {
    const example = 'expected host:port such as 192.0.2.7:4000, [2001:db8::7]:4000 or node.example:4000';
    throw new KernelError('ERR_ADDRESS', `${JSON.stringify(text)} is no address: ${example}`);
  }
  return { ip: host, port };
}

/** What parseSocketAddress reads, in its one canonical form; a host name keeps the port 0, which a listener takes for any. */
export function canonicalSocketAddress(text: string): Address {
  const { ip, port } = parseSocketAddress(text);
  return hostAndPort(ip, port);
}

function hostAndPort(host: string, port: number): Address {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether the text is an IPv4 or IPv6 address. */
export function isIp(text: string): boolean {
  return canonicalIp(text) !== undefined;
}

/** Whether an address leads nowhere but to this machine: 127.0.0.0/8, ::1, either of them mapped, or localhost (RFC 6761). */
export function isLoopback(ip: string): boolean {
  if (ip.toLowerCase() === 'localhost') return true;
  const canonical = canonicalIp(ip);
  return canonical !== undefined && (canonical === '::1' || /^(127\.|::ffff:7f[0-9a-f]{2}:)/.test(canonical));
}

/** Whether an address stands for all addresses of this machine: 0.0.0.0 or ::, also mapped. */
export function isWildcard(ip: string): boolean {
  const canonical = canonicalIp(ip);
  return canonical === '0.0.0.0' || canonical === '::' || canonical === '::ffff:0:0';
}

function canonicalIp(text: string): string | undefined {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1);
  if (octets !== undefined) {
    return octets.every((octet) => Number(octet) <= 255 && String(Number(octet)) === octet) ? text : undefined;
  }
  // The URL parser knows IPv6 whole, and writes it as RFC 5952 says.
  if (!/^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(text) || !URL.canParse(`http://[${text}]`)) return undefined;
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

function hostName(text: string): string | undefined {
  const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
  const lower = text.toLowerCase();
  const isName = lower.length <= 253 && new RegExp(`^${label}(\\.${label})*$`).test(lower) && !/(^|\.)\d+$/.test(lower);
  return isName ? lower : undefined;
}
