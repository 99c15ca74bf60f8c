import type { AckTracker } from './ack-tracker.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { Verdict } from './loss-detection.ts';
import type { PacketBuilder } from './packet-builder.ts';
import type { Path } from './path.ts';
import type { SendStream } from './send-stream.ts';

/** Acts on what became of packets: what arrived is forgotten, the content of what did not goes into new packets. */
export class Recovery {
  readonly #options: Pick<ConnectionOptions, 'localId' | 'log'>;
  readonly #send: SendStream;
  readonly #acks: AckTracker;
  readonly #path: Path;
  readonly #builder: PacketBuilder;

  constructor(
    options: Pick<ConnectionOptions, 'localId' | 'log'>,
    parts: {
      readonly send: SendStream;
      readonly acks: AckTracker;
      readonly path: Path;
      readonly builder: PacketBuilder;
    },
  ) {
    this.#options = options;
    this.#send = parts.send;
    this.#acks = parts.acks;
    this.#path = parts.path;
    this.#builder = parts.builder;
  }

  settle({ acked, lost }: Verdict, now: number): void {
    const { mtu, congestion } = this.#path;
    if (mtu.settle(acked, lost, now)) congestion.resize(mtu.length);
    for (const { stream, acknowledged } of acked) {
      if (stream !== undefined) this.#send.onAcked(stream);
      if (acknowledged >= 0) this.#acks.onAcknowledged(acknowledged);
    }
    this.resend(lost, 'lost');
  }

  resend(packets: Verdict['lost'], cause: 'lost' | 'probe'): void {
    const { localId, log } = this.#options;
    for (const { number, stream, window } of packets) {
      if (stream !== undefined) this.#send.onLost(stream);
      if (window) this.#builder.windowDue = true;
      if (!log.isEnabled) continue;
      log.retransmitted({ connection: localId, packetNumber: number, cause, rttMs: this.#path.rtt.smoothedMs });
    }
  }
}
