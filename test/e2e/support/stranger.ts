import {
  settingsSchema,
  type Address,
  type Connection,
  type Session,
  type Transport,
} from '../../../src/kernel/index.ts';
import { silentLogger, systemClock, systemRandom } from '../../../src/kit/index.ts';
import { identityFrom, privateKeyFromSeed } from '../../../src/node/identity/identity.ts';
import { parseSharedKey } from '../../../src/node/identity/shared-key.ts';
import { sealed } from '../../../src/node/link/sealed-transport.ts';
import { cipherOfPair, transportOfPair } from './pair.ts';
import { openWire, type Wire } from './wire.ts';

/** Whatever may turn up at a node's port: all the way down to bare bytes. What is opened here is closed by `close`. */
export class Stranger {
  readonly wire: Wire = openWire();
  readonly #transport: Transport = transportOfPair();
  readonly #connections: Connection[] = [];

  /** A connection of the transport, without a word of the handshake. */
  async connect(address: Address): Promise<Connection> {
    const connection = await this.#transport.dial(address);
    this.#connections.push(connection);
    return connection;
  }

  /** A session as a member of the network has it, with an identity of its own. */
  async join(address: Address, key: string): Promise<Session> {
    const random = systemRandom();
    const sessions = sealed(this.#transport, {
      identity: identityFrom(privateKeyFromSeed(random.bytes(32))),
      sharedKey: parseSharedKey(key),
      cipher: cipherOfPair(),
      clock: systemClock(),
      random,
      logger: silentLogger(),
      settings: settingsSchema.parse({}),
    });
    const session = await sessions.dial(address);
    this.#connections.push(session);
    return session;
  }

  close(): void {
    const reason = new Error('the test is over');
    for (const connection of this.#connections) connection.abort(reason);
    this.wire.close();
  }
}
