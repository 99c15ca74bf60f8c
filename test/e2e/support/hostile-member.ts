import type { Address, NodeId, Session, SessionTransport } from '../../../src/kernel/index.ts';
import { silentLogger, systemClock, systemRandom } from '../../../src/kit/index.ts';
import { settingsSchema } from '../../../src/kernel/index.ts';
import { identityFrom, privateKeyFromSeed } from '../../../src/node/identity/identity.ts';
import { parseSharedKey } from '../../../src/node/identity/shared-key.ts';
import { sealed } from '../../../src/node/link/sealed-transport.ts';
import { decodeFrame, encodeMessage } from '../../../src/node/messages/codec.ts';
import type { DecodedFrame, Message } from '../../../src/node/messages/message.ts';
import type { FileRecord, FileStatement, NodeRecord } from '../../../src/node/records.ts';
import { cipherOfPair, transportOfPair } from './pair.ts';

/** How often a joined member says that it lives. */
const HEARTBEAT_MS = 300;

/** Somebody with the shared key and no good will, over real sockets. What is opened here is closed by `close`. */
export class HostileMember {
  readonly id: NodeId;
  readonly #transport: SessionTransport;
  readonly #sessions: HostileSession[] = [];

  constructor(key: string) {
    const [clock, random] = [systemClock(), systemRandom()];
    const identity = identityFrom(privateKeyFromSeed(random.bytes(32)));
    this.id = identity.id;
    this.#transport = sealed(transportOfPair(), {
      identity,
      sharedKey: parseSharedKey(key),
      cipher: cipherOfPair(),
      clock,
      random,
      logger: silentLogger(),
      settings: settingsSchema.parse({}),
    });
  }

  /** What it says it is: nothing listens there. */
  get record(): NodeRecord {
    return { id: this.id, address: '127.0.0.1:9', incarnation: 1 };
  }

  /** A record of a file of its own, of which only the name matters. */
  file(name: string, over: Partial<FileRecord> = {}): FileRecord {
    const checksum = 'ab'.repeat(32);
    const version = new Map([[this.id, 1]]);
    const user = 'mallory';
    return { name, checksum, size: 10, modifiedMs: 0, user, writer: this.id, version, manifest: '', ...over };
  }

  statement(name: string, over: Partial<FileStatement> = {}): FileStatement {
    return { origin: this.id, incarnation: 1, sequence: 1, held: true, record: this.file(name), ...over };
  }

  /** A session whose first message is still to be said. */
  async dial(address: Address): Promise<HostileSession> {
    const session = new HostileSession(await this.#transport.dial(address));
    this.#sessions.push(session);
    return session;
  }

  /** A direct connection, with heartbeats. */
  async join(address: Address): Promise<HostileSession> {
    const session = await this.dial(address);
    const node = this.record;
    await session.say({ type: 'CONN', node, recovery: false, user: 'mallory', minorVersion: 0, features: [] });
    await session.say({ type: 'TIMN', own: { node, files: [] }, others: [] });
    session.beat();
    return session;
  }

  /** Says frames that may be no messages, on direct connections and others in turn, a new one whenever the other side has ended the last. */
  async sayAll(frames: readonly Uint8Array[], address: Address): Promise<void> {
    let session: HostileSession | undefined;
    for (const [index, frame] of frames.entries()) {
      if (session === undefined || session.hasEnded || index % 50 === 0) {
        session?.abort();
        session = await (index % 100 < 70 ? this.join(address) : this.dial(address));
        void session.read();
      }
      await session.sayBytes(frame);
    }
  }

  close(): void {
    for (const session of this.#sessions) session.abort();
  }
}

/** A session on which anything can be said. */
export class HostileSession {
  /** What the other side said, after `read`. */
  readonly heard: DecodedFrame[] = [];
  readonly #session: Session;
  #beating: NodeJS.Timeout | undefined;
  #hasEnded = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Whether the other side was seen to end it. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  async say(message: Message): Promise<void> {
    await this.sayBytes(encodeMessage(message));
  }

  /** Says what may be no message at all; to a session that has ended it says nothing. */
  async sayBytes(frame: Uint8Array): Promise<void> {
    await this.#session.send(frame).catch(() => this.#end());
  }

  /** Says that it lives, again and again. */
  beat(): void {
    this.#beating = setInterval(() => {
      const stamp = Math.floor(performance.now());
      // Never rejects.
      void this.say({ type: 'HB', stamp, echo: -1, heldMs: 0, connections: [] });
    }, HEARTBEAT_MS);
  }

  /** Takes what comes, until the other side ends the session; resolves then. Without this it stops reading altogether. */
  async read(answer: (message: DecodedFrame) => Promise<void> = async () => undefined): Promise<void> {
    try {
      for await (const frame of this.#session) {
        const message = decodeFrame(frame);
        this.heard.push(message);
        await answer(message);
      }
    } catch {
      // However it ended, it ended: the node's own log says why.
    }
    this.#end();
  }

  abort(): void {
    this.#end();
    this.#session.abort(new Error('the test is over'));
  }

  #end(): void {
    this.#hasEnded = true;
    clearInterval(this.#beating);
  }
}
