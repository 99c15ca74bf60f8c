import {
  errorCode,
  type AbortOptions,
  type Address,
  type Logger,
  type SessionListener,
  type SessionTransport,
} from '../kernel/index.ts';
import type { SelfRecord } from './overlay/self-record.ts';

export interface ListenOptions extends AbortOptions {
  readonly transport: SessionTransport;
  readonly wanted: Address;
  /** What knows where the node listened in its last run. */
  readonly self: Pick<SelfRecord, 'listenedBefore' | 'addressForm'>;
  readonly logger: Logger;
}

/**
 * Listens at an address. Where no port is asked for, the one of the last run is tried first, so that others find the node again.
 *
 * @throws what the transport's `listen` does.
 */
export async function listen({ transport, self, wanted, logger, signal }: ListenOptions): Promise<SessionListener> {
  const address = transport.parse(wanted);
  const form = self.addressForm;
  const at = form.split(address);
  const port = form.split(self.listenedBefore ?? '')?.port ?? 0;
  if (at?.port === 0 && port !== 0) {
    const again = form.join(address, { ...at, port });
    try {
      return await transport.listen(again, { signal });
    } catch (error) {
      if (signal?.aborted === true) throw error;
      logger.info('node.port_taken', { address: again, code: errorCode(error) });
    }
  }
  return transport.listen(address, { signal });
}
