import type { CongestionController } from './congestion/controller.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { PathMtu } from './path-mtu.ts';
import { PathRtt } from './path-rtt.ts';
import { PathValidation } from './path-validation.ts';
import { isSameAddress, type UdpAddress } from './udp-address.ts';

/** What is known of the way to the peer: its address, the time it takes, what it carries. All of it begins anew where the peer moves. */
export class Path {
  readonly rtt = new PathRtt();
  readonly mtu: PathMtu;
  readonly #options: ConnectionOptions;
  readonly #validation: PathValidation;
  #remote: UdpAddress;
  #congestion: CongestionController;

  constructor(options: ConnectionOptions) {
    const { remote, rttMs, now } = options;
    this.#options = options;
    this.#validation = new PathValidation(options.random);
    this.#remote = remote;
    this.mtu = new PathMtu(options.datagramLimit(remote), now);
    if (rttMs !== undefined) this.rtt.sample(rttMs, 0);
    this.#congestion = this.#newController(now);
  }

  /** Where packets go. */
  get remote(): UdpAddress {
    return this.#remote;
  }

  get congestion(): CongestionController {
    return this.#congestion;
  }

  /** The challenge that a packet with the highest number so far calls for by coming from elsewhere, if any. */
  challenge(source: UdpAddress, now: number): Uint8Array | undefined {
    return isSameAddress(source, this.#remote) ? undefined : this.#validation.challenge(source, now);
  }

  /** Takes the answer to a challenge: if it proves the address, packets go there from now on. */
  prove(token: Uint8Array, source: UdpAddress, now: number): void {
    const proven = this.#validation.prove(token, source);
    if (proven === undefined) return;
    // A new port at the same address is a NAT that forgot: the same path (RFC 9000, section 9.4).
    const isSamePath = proven.ip === this.#remote.ip;
    this.#remote = proven;
    if (isSamePath) return;
    this.rtt.reset();
    this.mtu.startPath(this.#options.datagramLimit(proven), now);
    this.#congestion = this.#newController(now);
  }

  #newController(now: number): CongestionController {
    return this.#options.congestion({ datagramLength: this.mtu.length, rttMs: this.rtt.smoothedMs, now });
  }
}
