import type { Server } from 'node:net';
import { KernelError, type AbortOptions, type Address } from '../../kernel/index.ts';
import type { AddressFields } from '../address-fields.ts';

export interface ListenOnOptions extends AbortOptions {
  /** Where to listen. */
  readonly at: AddressFields;
  /** The same as people wrote it, for errors. */
  readonly address: Address;
  /** Connections that the system keeps until they are accepted. */
  readonly backlog: number;
}

/**
 * Makes a TCP server listen; resolves with where it does, the real port included.
 *
 * @throws ERR_ADDRESS_IN_USE, ERR_LISTEN_FAILED or the signal's reason; the server does not listen then.
 */
export async function listenOn(
  server: Server,
  { at, address, backlog, signal }: ListenOnOptions,
): Promise<AddressFields> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: at.ip, port: at.port, backlog }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    throw listenFailure(address, cause);
  }
  if (signal?.aborted === true) server.close();
  signal?.throwIfAborted();
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw listenFailure(address, 'no address was assigned');
  return { ip: bound.address, port: bound.port };
}

function listenFailure(address: Address, cause: unknown): KernelError {
  const isInUse = typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'EADDRINUSE';
  return isInUse
    ? new KernelError('ERR_ADDRESS_IN_USE', `something else listens on ${address}`, { cause })
    : new KernelError('ERR_LISTEN_FAILED', `cannot listen on ${address}: ${String(cause)}`, { cause });
}
