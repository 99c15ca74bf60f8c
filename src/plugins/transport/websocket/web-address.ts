import { KernelError, type Address } from '../../../kernel/index.ts';
import { splitAddress, type AddressFields } from '../../../kit/index.ts';

/** An address of this transport, taken apart. */
export interface WebAddress {
  readonly isSecure: boolean;
  /** Host and port; the port of the scheme where the address names none. */
  readonly at: AddressFields;
  readonly path: string;
}

const PORTS = { 'ws:': 80, 'wss:': 443 } as const;
/** What a message carries of an address. */
const MAX_LENGTH = 255;

/**
 * The canonical form of `ws://host:port/path`, `wss://host:port/path`, or `host:port` alone, which stands for `ws:` and the default path.
 *
 * @throws ERR_ADDRESS
 */
export function parseWebAddress(text: string, defaultPath: string): Address {
  const trimmed = text.trim();
  const { ip } = splitAddress(trimmed);
  const isShort = ip !== trimmed && ip !== '';
  const url = toUrl(isShort ? `ws://${trimmed}` : trimmed);
  if (url === undefined) throw notAnAddress(text);
  const address = `${url.protocol}//${url.host}${url.pathname === '/' ? defaultPath : url.pathname}`;
  if (address.length > MAX_LENGTH) throw notAnAddress(text);
  return address;
}

/** Takes a canonical address apart. */
export function splitWebAddress(address: Address): WebAddress {
  const url = toUrl(address);
  if (url === undefined) throw notAnAddress(address);
  const port = url.port === '' ? PORTS[url.protocol] : Number(url.port);
  const ip = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { isSecure: url.protocol === 'wss:', at: { ip, port }, path: url.pathname };
}

/** The address of a listener. */
export function joinWebAddress({ ip, port }: AddressFields, path: string): Address {
  const host = ip.includes(':') ? `[${ip}]` : ip;
  return parseWebAddress(`ws://${host}:${port}${path}`, path);
}

interface WebUrl extends URL {
  readonly protocol: keyof typeof PORTS;
}

function toUrl(text: string): WebUrl | undefined {
  if (!/^wss?:\/\/[^\s\\]+$/i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const hasMore = [url.username, url.password, url.search, url.hash].some((part) => part !== '');
  return hasMore || url.hostname === '' ? undefined : (url as WebUrl);
}

function notAnAddress(text: string): KernelError {
  const example =
    'expected ws://host:port/path such as ws://192.0.2.7:4000/peerhold, wss://node.example/peerhold, or host:port';
  return new KernelError('ERR_ADDRESS', `${JSON.stringify(text)} is no address: ${example}`);
}
