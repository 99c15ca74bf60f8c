import { lookup } from 'node:dns/promises';
import { isIP, isIPv4 } from 'node:net';
import { KernelError, type AbortOptions, type Address, type Listener, type Transport } from '../../../kernel/index.ts';
import { canonicalSocketAddress, isLoopback, parseSocketAddress } from '../../../kit/address-fields.ts';
import { abortable } from '../../../kit/deadline.ts';
import { hostPortForm } from '../../../kit/host-port-form.ts';
import { plainIp } from '../../../kit/socket-address.ts';
import type { MrtConnection } from './mrt-connection.ts';
import { isSameAddress, type UdpAddress } from './udp-address.ts';
import { UdpPort, type UdpPortOptions } from './udp-port.ts';

/** MRT over UDP: one socket to listen and dial where there is a listener, else one a family that its dials share. */
export class MrtTransport implements Transport {
  readonly maxFrameLength: number;
  readonly addressForm = hostPortForm;
  readonly #options: UdpPortOptions;
  /** Sockets that live, among them those of closed listeners that still have connections. */
  readonly #ports = new Set<UdpPort>();
  /** What dials use where the listener's socket cannot, by family. */
  readonly #dialPorts = new Map<'0.0.0.0' | '::', Promise<UdpPort>>();
  #isListening = false;
  #listening: UdpPort | undefined;

  constructor(options: UdpPortOptions) {
    this.#options = options;
    this.maxFrameLength = options.maxFrameLength;
  }

  parse(text: string): Address {
    return canonicalSocketAddress(text);
  }

  async listen(address: Address, { signal }: AbortOptions = {}): Promise<Listener> {
    signal?.throwIfAborted();
    if (this.#isListening) {
      throw new KernelError(
        'ERR_ALREADY_LISTENING',
        `this transport listens already, and cannot listen on ${address} too`,
      );
    }
    this.#isListening = true;
    try {
      const local = await abortable(resolveAddress(address, 'ERR_LISTEN_FAILED'), signal);
      const port = this.#portAt(local) ?? (await this.#open(local, (cause) => listenFailure(address, cause)));
      if (signal?.aborted) port.flushSoon();
      signal?.throwIfAborted();
      this.#listening = port;
      return port.listen(() => {
        this.#listening = undefined;
        this.#isListening = false;
      });
    } catch (error) {
      this.#isListening = false;
      throw error;
    }
  }

  async dial(address: Address, { signal }: AbortOptions = {}): Promise<MrtConnection> {
    signal?.throwIfAborted();
    const remote = await abortable(resolveAddress(address, 'ERR_DIAL_FAILED'), signal);
    if (remote.port === 0) throw new KernelError('ERR_DIAL_FAILED', `${address}: nobody has port 0`);
    for (;;) {
      const listening = this.#listening;
      const port = listening !== undefined && reaches(listening, remote) ? listening : await this.#dialPort(remote);
      if (port.isClosed) continue;
      if (signal?.aborted) port.flushSoon();
      signal?.throwIfAborted();
      return port.dial(remote, signal);
    }
  }

  #portAt({ ip, port }: UdpAddress): UdpPort | undefined {
    if (port === 0) return undefined;
    for (const each of this.#ports) if (!each.isClosed && isSameAddress(each.address, { ip, port })) return each;
    return undefined;
  }

  #dialPort({ ip }: UdpAddress): Promise<UdpPort> {
    const wildcard = isIPv4(ip) ? '0.0.0.0' : '::';
    const open = this.#dialPorts.get(wildcard);
    if (open !== undefined) return open;
    const failure = (cause: unknown) => {
      this.#dialPorts.delete(wildcard);
      return new KernelError('ERR_DIAL_FAILED', `no UDP socket to dial from: ${String(cause)}`, { cause });
    };
    const opening = this.#open({ ip: wildcard, port: 0 }, failure);
    this.#dialPorts.set(wildcard, opening);
    const forget = (port: UdpPort) => port.closed.then(() => this.#dialPorts.delete(wildcard));
    // A failure to open belongs to the dials that wait for it.
    opening.then(forget).catch(() => undefined);
    return opening;
  }

  async #open(local: UdpAddress, toError: (cause: unknown) => KernelError): Promise<UdpPort> {
    let port: UdpPort;
    try {
      port = await UdpPort.open(local, this.#options);
    } catch (cause) {
      throw toError(cause);
    }
    this.#ports.add(port);
    // Resolves when the port closes, which never fails.
    void port.closed.then(() => this.#ports.delete(port));
    return port;
  }
}

/** Whether datagrams to `remote` can leave through a port: a loopback address reaches no other machine, IPv4 no IPv6. */
function reaches({ address: { ip } }: UdpPort, remote: UdpAddress): boolean {
  const isSameFamily = isIPv4(ip) === isIPv4(remote.ip) || (ip === '::' && isIPv4(remote.ip));
  return isSameFamily && (!isLoopback(ip) || isLoopback(remote.ip));
}

async function resolveAddress(address: Address, code: 'ERR_DIAL_FAILED' | 'ERR_LISTEN_FAILED'): Promise<UdpAddress> {
  const { ip: host, port } = parseSocketAddress(address);
  if (isIP(host) !== 0) return { ip: plainIp(host), port };
  try {
    return { ip: plainIp((await lookup(host)).address), port };
  } catch (cause) {
    throw new KernelError(code, `the name ${host} cannot be resolved`, { cause });
  }
}

function listenFailure(address: Address, cause: unknown): KernelError {
  const isInUse = typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'EADDRINUSE';
  return isInUse
    ? new KernelError('ERR_ADDRESS_IN_USE', `something else uses UDP address ${address}`, { cause })
    : new KernelError('ERR_LISTEN_FAILED', `cannot listen on ${address}: ${String(cause)}`, { cause });
}
