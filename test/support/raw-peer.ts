import { settingsSchema, type Address, type NodeId, type Session } from '../../src/kernel/index.ts';
import { MemoryDisk, seededRandom } from '../../src/kit/index.ts';
import { loadIdentity } from '../../src/node/identity/load-identity.ts';
import { sealed } from '../../src/node/link/sealed-transport.ts';
import { decodeFrame, encodeMessage } from '../../src/node/messages/codec.ts';
import type { DecodedFrame, Message } from '../../src/node/messages/message.ts';
import type { NodeRecord } from '../../src/node/records.ts';
import { memory, none } from '../../src/plugins/index.ts';
import { createPlugin } from './create-plugin.ts';
import { SHARED_KEY, type SimulatedNetwork } from './simulated-network.ts';
import { silentLogger } from '../../src/kit/index.ts';

/** A member of the network that says whatever a test wants: it has the key, and no good will. */
export class RawPeer {
  readonly id: NodeId;
  readonly received: DecodedFrame[] = [];
  /** Resolves when the other side has ended the connection. */
  readonly ended: Promise<void>;
  readonly #session: Session;
  readonly #dial: () => Promise<Session>;

  private constructor(id: NodeId, session: Session, dial: () => Promise<Session>) {
    this.id = id;
    this.#session = session;
    this.#dial = dial;
    this.ended = this.#read();
  }

  /** Dials a node from a host of its own. */
  static async dial(network: SimulatedNetwork, target: Address, seed = 99): Promise<RawPeer> {
    const random = seededRandom(seed);
    const { clock } = network;
    const identity = await loadIdentity({ disk: new MemoryDisk(), random });
    const transport = createPlugin(memory({ network: network.network }), { clock, random });
    const settings = settingsSchema.parse({ allowPlaintext: true });
    const cipher = createPlugin(none());
    const sessions = sealed(transport, {
      identity,
      sharedKey: SHARED_KEY,
      cipher,
      clock,
      random,
      logger: silentLogger(),
      settings,
    });
    const dial = () => network.while(() => sessions.dial(target));
    return new RawPeer(identity.id, await dial(), dial);
  }

  /** Another session of the same member with the same node. */
  async dialAgain(): Promise<RawPeer> {
    return new RawPeer(this.id, await this.#dial(), this.#dial);
  }

  get record(): NodeRecord {
    return { id: this.id, address: '10.0.0.66:66', incarnation: 1 };
  }

  async send(message: Message): Promise<void> {
    await this.sendBytes(encodeMessage(message));
  }

  async sendBytes(frame: Uint8Array): Promise<void> {
    await this.#session.send(frame);
  }

  /** Becomes a direct connection of the node. */
  async join(network: SimulatedNetwork): Promise<void> {
    const node = this.record;
    await this.send({ type: 'CONN', node, recovery: false, user: 'mallory', minorVersion: 0, features: [] });
    await this.send({ type: 'TIMN', own: { node, files: [] }, others: [] });
    await network.clock.advance(10);
  }

  abort(): void {
    this.#session.abort(new Error('the test is over'));
  }

  async #read(): Promise<void> {
    try {
      for await (const frame of this.#session) this.received.push(decodeFrame(frame));
    } catch {
      // However it ended, it ended: the node's own log says why.
    }
  }
}
