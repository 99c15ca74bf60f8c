import {
  KernelError,
  settingsSchema,
  type AbortOptions,
  type Session,
  type SessionTransport,
} from '../../../src/kernel/index.ts';
import { deferred, memoryIndex, VirtualClock } from '../../../src/kit/index.ts';
import { decodeFrame } from '../../../src/node/messages/codec.ts';
import type { ConnMessage } from '../../../src/node/messages/message.ts';
import { Connector } from '../../../src/node/overlay/connector.ts';
import type { DirectConnection } from '../../../src/node/overlay/direct-connection.ts';
import { DirectConnections } from '../../../src/node/overlay/direct-connections.ts';
import { SelfRecord } from '../../../src/node/overlay/self-record.ts';
import { FakeSession } from '../../support/fake-session.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { Neighbour, idOf, recordOf } from './support/neighbour.ts';

const SELF = 5;
const closed = new KernelError('ERR_CLOSED', 'the node was closed');

function connOf(number: number, incarnation = 1): ConnMessage {
  const node = recordOf(number, incarnation);
  return { type: 'CONN', node, recovery: false, user: `user${number}`, minorVersion: 0, features: [] };
}

/** Dials what the test puts in, and waits where it puts in nothing. */
class FakeTransport {
  session: FakeSession | undefined;

  parse(text: string): string {
    if (text === 'nonsense') throw new KernelError('ERR_ADDRESS', 'nonsense');
    return text;
  }

  async dial(_address: string, { signal }: AbortOptions = {}): Promise<Session> {
    if (this.session !== undefined) return this.session;
    const never = deferred<Session>();
    signal?.addEventListener('abort', () => never.reject(signal.reason as Error));
    return never.promise;
  }
}

async function make(settings = settingsSchema.parse({ directConnections: 1, recoveryConnections: 1 })) {
  const clock = new VirtualClock();
  const index = memoryIndex();
  const self = await SelfRecord.load({ id: idOf(SELF), index, place: undefined, advertise: '10.0.0.5:7005' });
  const connections = new DirectConnections({ self: self.id, settings });
  const transport = new FakeTransport();
  const connected: DirectConnection[] = [];
  const connector = new Connector({
    self,
    user: 'us',
    transport: transport as unknown as SessionTransport,
    connections,
    clock,
    pace: { runningSince: -Infinity },
    settings,
    logger: new RecordingLogger(),
    alternatives: () => [6, 7, 8, 9, 10].map((number) => recordOf(number)),
    onConnected: (connection) => connected.push(connection),
    onMessage: () => undefined,
    onEnd: () => undefined,
  });
  const session = new FakeSession(idOf(2));
  /** Dials the node 2, whose session the test holds. */
  const dial = (options: { recovery?: boolean; expected?: string; signal?: AbortSignal } = {}) => {
    transport.session = session;
    const dialling = connector.dial('10.0.0.2:7002', { recovery: false, ...options });
    dialling.catch(() => undefined);
    return dialling;
  };
  return { clock, connections, transport, connected, connector, session, dial };
}

describe('dialling a node', () => {
  test('says CONN, and makes a direct connection of the answer', async () => {
    const { session, connections, connected, dial } = await make();
    const dialling = dial();
    session.say(connOf(2));
    const connection = await dialling;
    expect(decodeFrame(session.sent[0] as Uint8Array)).toMatchObject({
      type: 'CONN',
      node: { id: idOf(SELF) },
      user: 'us',
    });
    expect(connections.get(idOf(2))).toBe(connection);
    expect([connected, connection.dialled, connection.user]).toEqual([[connection], true, 'user2']);
  });

  test.each([
    ['answers for somebody else', 'ERR_PEER_MISMATCH', (session: FakeSession) => session.say(connOf(3))],
    [
      'answers with something else',
      'ERR_MESSAGE',
      (session: FakeSession) => session.say({ type: 'BYEF', node: recordOf(2) }),
    ],
    ['is full', 'ERR_FULL', (session: FakeSession) => session.say({ type: 'FULL', alternatives: [recordOf(6)] })],
    ['hangs up', 'ERR_CONNECTION_LOST', (session: FakeSession) => session.hangUp()],
    ['takes nothing', 'ERR_HANDSHAKE_TIMEOUT', (session: FakeSession) => session.stall()],
    ['says nothing', 'ERR_HANDSHAKE_TIMEOUT', () => undefined],
  ])('that %s fails with %s, and leaves no session and no timer', async (_what, code, act) => {
    const { clock, session, connections, dial } = await make();
    act(session);
    const dialling = dial();
    await clock.advance(10_000);
    await expect(dialling).rejects.toMatchObject({ code });
    expect(session.abortedWith).toBeDefined();
    expect([connections.size, clock.pendingTimers]).toEqual([0, 0]);
  });

  test('that is full names addresses to try', async () => {
    const { session, dial } = await make();
    session.say({ type: 'FULL', alternatives: [recordOf(6)] });
    await expect(dial()).rejects.toMatchObject({ message: expect.stringContaining(recordOf(6).address) as string });
  });

  test('that is not the one expected fails before a word is said', async () => {
    const { session, dial } = await make();
    await expect(dial({ expected: idOf(3) })).rejects.toMatchObject({ code: 'ERR_PEER_MISMATCH' });
    expect(session.sent).toEqual([]);
    expect(session.abortedWith).toBeDefined();
  });

  test('at what is no address fails', async () => {
    const { connector } = await make();
    await expect(connector.dial('nonsense', { recovery: false })).rejects.toMatchObject({ code: 'ERR_ADDRESS' });
  });

  test.each(['before there is a session', 'before the answer'])('is given up %s without a trace', async (when) => {
    const { clock, connector, session, connections, dial } = await make();
    const giveUp = new AbortController();
    const { signal } = giveUp;
    const dialling = when === 'before the answer' ? dial({ signal }) : connector.dial('x', { recovery: false, signal });
    const rejected = expect(dialling).rejects.toBe(closed);
    await clock.advance(1);
    giveUp.abort(closed);
    await rejected;
    expect([connections.size, clock.pendingTimers]).toEqual([0, 0]);
    if (when === 'before the answer') expect(session.abortedWith).toBe(closed);
  });

  test('connects nobody once the connector closes, however near the answer is', async () => {
    for (let turns = 0; turns < 20; turns++) {
      const { clock, session, connector, connected, dial } = await make();
      const dialling = dial();
      await clock.advance(0);
      session.say(connOf(2));
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      const before = connected.length;
      await connector.close(closed);
      expect(connected).toHaveLength(before);
      if (before > 0) continue;
      await expect(dialling).rejects.toBe(closed);
      expect(session.abortedWith).toBeDefined();
    }
  });

  test('gives the connection that came from there meanwhile, where that one stays', async () => {
    const { clock, transport, connector, connections } = await make();
    const session = new FakeSession(idOf(9));
    transport.session = session;
    const dialling = connector.dial('10.0.0.9:7009', { recovery: false });
    await clock.advance(0);
    const other = new Neighbour(9, { dialled: false });
    connections.add(other.connection);
    session.say(connOf(9));
    expect(await dialling).toBe(other.connection);
    expect([session.abortedWith, other.session.abortedWith]).toEqual([expect.anything(), undefined]);
  });

  test('gives that connection too where the other side turned ours away', async () => {
    const { clock, session, connections, dial } = await make();
    const dialling = dial();
    await clock.advance(0);
    const other = new Neighbour(2, { dialled: false });
    connections.add(other.connection);
    session.hangUp(new KernelError('ERR_CONNECTION_LOST', 'turned away'));
    expect(await dialling).toBe(other.connection);
    expect(session.abortedWith).toBeDefined();
  });

  test('to heal is content with a connection that is there already', async () => {
    const { session, connections, dial } = await make();
    const other = new Neighbour(2, { dialled: false });
    connections.add(other.connection);
    expect(await dial({ recovery: true })).toBe(other.connection);
    expect([session.sent, other.session.abortedWith]).toEqual([[], undefined]);
    expect(session.abortedWith).toBeDefined();
  });
});

describe('a node that dials us', () => {
  test('is answered with CONN, and is a direct connection', async () => {
    const { connector, connections, session } = await make();
    await connector.accept(session, connOf(2));
    expect(session.types).toEqual(['CONN']);
    expect(connections.get(idOf(2))?.dialled).toBe(false);
  });

  test('in the name of another is refused', async () => {
    const { connector, session } = await make();
    await expect(connector.accept(session, connOf(3))).rejects.toMatchObject({ code: 'ERR_PEER_MISMATCH' });
  });

  test('beyond the limit is told so, with four others to try', async () => {
    const { connector, connections, session } = await make();
    connections.add(new Neighbour(3).connection);
    await connector.accept(session, connOf(2));
    expect(decodeFrame(session.sent[0] as Uint8Array)).toMatchObject({
      type: 'FULL',
      alternatives: [6, 7, 8, 9].map((number) => recordOf(number)),
    });
    expect([session.closed, connections.size]).toEqual([true, 1]);
  });

  test('beyond the limit to heal has room of its own', async () => {
    const { connector, connections, session } = await make();
    connections.add(new Neighbour(3).connection);
    await connector.accept(session, { ...connOf(2), recovery: true });
    expect(connections.size).toBe(2);
  });

  test('beyond the limit, and takes no refusal, is cut off', async () => {
    const { clock, connector, connections, session } = await make();
    connections.add(new Neighbour(3).connection);
    session.stall();
    const accepting = connector.accept(session, connOf(2));
    await clock.advance(5_000);
    await accepting;
    expect(session.abortedWith).toBeDefined();
    expect(clock.pendingTimers).toBe(0);
  });

  test('is refused where the connection we dialled stays', async () => {
    const { connector, connections, session } = await make();
    const ours = new Neighbour(2, { dialled: true });
    connections.add(ours.connection);
    await expect(connector.accept(session, connOf(2))).rejects.toMatchObject({ code: 'ERR_DUPLICATE_CONNECTION' });
    expect(ours.session.abortedWith).toBeUndefined();
  });

  test('after a restart takes the place of its old connection', async () => {
    const { connector, connections, session } = await make();
    const old = new Neighbour(2, { dialled: true });
    connections.add(old.connection);
    await connector.accept(session, connOf(2, 2));
    expect(old.session.abortedWith).toMatchObject({ code: 'ERR_DUPLICATE_CONNECTION' });
    expect(connections.size).toBe(1);
  });

  test('is not taken in any more once the connector closed', async () => {
    const { connector, connections, session } = await make();
    await connector.close(closed);
    await expect(connector.accept(session, connOf(2))).rejects.toBe(closed);
    expect(connections.size).toBe(0);
  });
});
