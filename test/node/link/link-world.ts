import type { Cipher, Logger, SessionTransport, Transport } from '../../../src/kernel/index.ts';
import { VirtualClock, seededRandom } from '../../../src/kit/index.ts';
import { identityFrom, privateKeyFromSeed, type Identity } from '../../../src/node/identity/identity.ts';
import { sealed, type SealedOptions } from '../../../src/node/link/sealed-transport.ts';
import { aesGcm } from '../../../src/plugins/cipher/aes-gcm/index.ts';
import { MemoryNetwork, memory } from '../../../src/plugins/transport/memory/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';

/** A seeded identity, the same for the same number. */
export function identityOf(number: number): Identity {
  return identityFrom(privateKeyFromSeed(seededRandom(number).bytes(32)));
}

/** What a test says of one node, where it matters. */
export type NodeTerms = Partial<Pick<SealedOptions, 'identity' | 'sharedKey' | 'clock' | 'onHandshakeFailed'>> & {
  readonly cipher?: Cipher;
  readonly logger?: Logger;
  readonly settings?: Partial<SealedOptions['settings']>;
  readonly transport?: Transport;
};

/** Nodes' sealed transports over one memory network, and bare ones beside them, on a clock that stands still. */
export class LinkWorld {
  readonly clock = new VirtualClock();
  readonly network = new MemoryNetwork();
  readonly logger = new RecordingLogger();
  #nodes: number;

  /** Nodes of worlds with different seeds choose different keys. */
  constructor(seed = 0) {
    this.#nodes = seed * 1_000;
  }

  /** A node's sealed transport: identity and randomness of its own, the shared key of all, `aes-gcm`. */
  node({ settings, ...terms }: NodeTerms = {}): SessionTransport {
    const number = ++this.#nodes;
    return sealed(terms.transport ?? this.bare(), {
      identity: identityOf(number),
      sharedKey: sharedKeyOf(0),
      cipher: createPlugin(aesGcm()),
      clock: this.clock,
      random: seededRandom(1_000_000 + number),
      logger: this.logger,
      ...terms,
      settings: { handshakes: 64, handshakesPerSource: 8, handshakeMs: 5_000, allowPlaintext: false, ...settings },
    });
  }

  /** A transport without any of it. */
  bare(): Transport {
    return createPlugin(memory({ network: this.network }), { clock: this.clock });
  }
}

export function sharedKeyOf(number: number): Uint8Array {
  return seededRandom(5_000_000 + number).bytes(32);
}
