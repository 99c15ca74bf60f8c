import {
  errorCode,
  type AbortOptions,
  type Address,
  type Logger,
  type SessionListener,
  type SessionTransport,
} from '../kernel/index.ts';
import { splitAddress } from '../kit/address-fields.ts';

export interface ListenOptions extends AbortOptions {
  readonly transport: SessionTransport;
  readonly wanted: Address;
  /** Where the node listened in its last run. */
  readonly before: Address | undefined;
  readonly logger: Logger;
}

/**
 * Listens at an address. Where no port is asked for, the one of the last run is tried first, so that others find the node again.
 *
 * @throws what the transport's `listen` does.
 */
export async function listen({ transport, wanted, before, logger, signal }: ListenOptions): Promise<SessionListener> {
  const address = transport.parse(wanted);
  const [now, last] = [splitAddress(address), splitAddress(before ?? '')];
  if (before !== undefined && now.port === 0 && now.ip === last.ip && last.port !== 0) {
    try {
      return await transport.listen(before, { signal });
    } catch (error) {
      if (signal?.aborted === true) throw error;
      logger.info('node.port_taken', { address: before, code: errorCode(error) });
    }
  }
  return transport.listen(address, { signal });
}
