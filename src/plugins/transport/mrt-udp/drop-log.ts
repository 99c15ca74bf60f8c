import type { Logger } from '../../../kernel/index.ts';
import { SourceLog } from '../../../kit/index.ts';

/** Datagrams that were dropped: counted, with few lines in the log however many there are. */
export class DropLog {
  readonly #log: SourceLog;
  #dropped = 0;

  constructor(logger: Logger) {
    this.#log = new SourceLog(logger, 'mrt.packet.dropped');
  }

  /** Datagrams dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @param ip source of the datagram, without its port. */
  add(ip: string, reason: string, now: number): void {
    this.#dropped += 1;
    this.#log.add({ source: ip, code: 'ERR_PACKET', reason }, now);
  }

  /** The same for a datagram in order that is beyond a limit. */
  addBeyondLimit(ip: string, reason: string, now: number): void {
    this.#dropped += 1;
    this.#log.add({ source: ip, code: 'ERR_LIMIT', reason }, now);
  }

  /** Counts a packet to a connection that is no more, which is nothing to tell. */
  countStray(): void {
    this.#dropped += 1;
  }
}
