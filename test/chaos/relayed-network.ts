import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { nameOf } from '../../src/sim/scenario/topology.ts';
import { freePort } from '../e2e/support/wire.ts';
import { pairKey, type ChaosNetwork, type Host } from './chaos-network.ts';

const HOST = '127.0.0.1';

/** The front of a node, which is where all others send to and hear it from, and the port behind it where it listens itself. */
interface Front {
  readonly name: string;
  readonly socket: Socket;
  readonly port: number;
}

/**
 * Nodes of this machine with a relay between them. Every node tells others the address of its front. What one sends to the front of another leaves by
 * its own front, so that both ends see one address of the other, unless the two are cut. It goes by the port a datagram comes from, and so serves
 * transports that dial from the socket they listen on.
 */
export class RelayedNetwork implements ChaosNetwork {
  readonly about = 'loopback, through a relay';
  readonly strangerLauncher = [];
  readonly #fronts: ReadonlyMap<string, Front>;
  readonly #byPort: ReadonlyMap<number, Front>;
  readonly #cuts = new Set<string>();
  #isClosed = false;

  private constructor(fronts: readonly Front[]) {
    this.#fronts = new Map(fronts.map((front) => [front.name, front]));
    this.#byPort = new Map(fronts.map((front) => [front.port, front]));
    for (const front of fronts) {
      front.socket.on('message', (datagram, { port }) => this.#pass(datagram, this.#byPort.get(port), front));
    }
  }

  /** Makes room for nodes `n1`, `n2` and so on. */
  static async open(nodes: number): Promise<RelayedNetwork> {
    const fronts: Front[] = [];
    for (let number = 1; number <= nodes; number++) {
      const socket = createSocket('udp4').bind(0, HOST);
      await once(socket, 'listening');
      fronts.push({ name: nameOf(number), socket, port: await freePort() });
    }
    return new RelayedNetwork(fronts);
  }

  host(name: string): Host {
    const { socket, port } = this.#front(name);
    const own = `${HOST}:${port}`;
    const flags = ['--listen', own, '--advertise', `${HOST}:${socket.address().port}`];
    return { launcher: [], flags, exposed: () => own };
  }

  async cut(a: string, b: string): Promise<void> {
    this.#cuts.add(pairKey(a, b));
  }

  async mend(a: string, b: string): Promise<void> {
    this.#cuts.delete(pairKey(a, b));
  }

  async mendAll(): Promise<void> {
    this.#cuts.clear();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { socket } of this.#fronts.values()) socket.close();
  }

  /** Whoever is no node of this network is not let through. */
  #pass(datagram: Buffer, from: Front | undefined, to: Front): void {
    if (from === undefined || this.#isClosed || this.#cuts.has(pairKey(from.name, to.name))) return;
    // What cannot be sent is lost, as anywhere.
    from.socket.send(datagram, to.port, HOST, () => undefined);
  }

  #front(name: string): Front {
    const front = this.#fronts.get(name);
    if (front === undefined) throw new RangeError(`there is no ${name} here`);
    return front;
  }
}
