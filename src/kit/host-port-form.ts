import type { AddressForm } from '../kernel/index.ts';
import { canonicalSocketAddress, splitAddress } from './address-fields.ts';

/** The form `host:port`, of transports over IP: `1.2.3.4:80`, `[::1]:80`, `node.example:80`; `:80` where the host is left open. */
export const hostPortForm: AddressForm = {
  split: (address) => {
    const { ip: host, port } = splitAddress(address);
    return host === address ? undefined : { host, port };
  },
  join: (_, { host, port }) => {
    if (host === '') return `:${port}`;
    return canonicalSocketAddress(host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
  },
};
