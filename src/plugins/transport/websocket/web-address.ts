import { KernelError, type Address, type AddressForm, type HostAndPort } from '../../../kernel/index.ts';
import { hostPortForm, splitAddress, type AddressFields } from '../../../kit/index.ts';

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
const MAX_PORT = 65_535;

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
  return { isSecure: url.protocol === 'wss:', at: authorityOf(url), path: url.pathname };
}

/**
 * Host and port of `ws://host:port/path`, the host left open in `ws://:port/path`. What comes as `host:port`, as the source of a connection
 * does, is understood too, and stands for the default path.
 */
export function webAddressForm(defaultPath: string): AddressForm {
  return {
    split: (address) => {
      const parts = takeApart(address);
      return parts === undefined ? hostPortForm.split(address) : { host: parts.host, port: parts.port };
    },
    join: (address, at) => {
      const { scheme, path } = takeApart(address) ?? { scheme: 'ws:' as const, path: defaultPath };
      const text = `${scheme}//${hostAndPort(at)}${path}`;
      return at.host === '' ? text : parseWebAddress(text, defaultPath);
    },
  };
}

interface WebAddressParts extends HostAndPort {
  readonly scheme: keyof typeof PORTS;
  readonly path: string;
}

/** Takes apart what is canonical but for a host left open, which is no URL. */
function takeApart(address: Address): WebAddressParts | undefined {
  const [, scheme, open, path = ''] = /^(wss?:)\/\/(?::(\d{1,5})(?=\/))?(.*)$/.exec(address) ?? [];
  if (scheme !== 'ws:' && scheme !== 'wss:') return undefined;
  if (open !== undefined) return Number(open) > MAX_PORT ? undefined : { scheme, host: '', port: Number(open), path };
  const url = toUrl(address);
  if (url === undefined) return undefined;
  const { ip: host, port } = authorityOf(url);
  return { scheme, host, port, path: url.pathname };
}

function authorityOf({ protocol, hostname, port }: WebUrl): AddressFields {
  return { ip: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? PORTS[protocol] : Number(port) };
}

function hostAndPort({ host, port }: HostAndPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
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
