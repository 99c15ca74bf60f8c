import { KernelError } from '../../../src/kernel/index.ts';
import { encodeMessage, decodeFrame } from '../../../src/node/messages/codec.ts';
import { HeartbeatFrames } from '../../../src/node/messages/heartbeat-frames.ts';
import type { HbMessage } from '../../../src/node/messages/message.ts';
import { Neighbour, hbOf, recordOf, statementOf, summOf, timnOf } from './support/neighbour.ts';

const TRANSFER = 'ab'.repeat(16);
const file = (name: string) => encodeMessage({ type: 'FILE', statement: statementOf(1, name) });
const lost = new KernelError('ERR_CONNECTION_LOST', 'the test broke it');

function start(...args: ConstructorParameters<typeof Neighbour>): Neighbour {
  const neighbour = new Neighbour(...args);
  neighbour.connection.start();
  return neighbour;
}

describe('a direct connection sends', () => {
  test('frames in the order they were given', async () => {
    const { connection, session, clock } = start(2);
    const frames = ['a', 'b', 'c'].map(file);
    connection.send(frames.slice(0, 2));
    connection.send(frames.slice(2));
    await clock.advance(0);
    expect(session.sent).toEqual(frames);
  });

  test('a heartbeat before what waits, and of two that wait only the last', async () => {
    const { connection, session, clock } = start(2);
    connection.send([file('a')]);
    connection.heartbeat(new HeartbeatFrames([recordOf(3)]));
    connection.heartbeat(new HeartbeatFrames([recordOf(4)]));
    await clock.advance(0);
    expect(session.types).toEqual(['HB', 'FILE']);
    expect(decodeFrame(session.sent[0] as Uint8Array)).toMatchObject({ connections: [{ id: recordOf(4).id }] });
  });

  test('frames of its tunnel behind everything else', async () => {
    const { connection, session, clock } = start(2);
    const through = connection.tunnel.send(encodeMessage({ type: 'DONE', transfer: TRANSFER }));
    connection.send([file('a')]);
    await clock.advance(0);
    await through;
    expect(session.types).toEqual(['FILE', 'DONE']);
  });

  test('lazy messages only as the session takes them', async () => {
    const { connection, session, clock } = start(2);
    let drawn = 0;
    function* messages() {
      for (; drawn < 100; drawn++) yield timnOf(1);
    }
    session.stall();
    connection.release(messages());
    await clock.advance(100);
    expect(drawn).toBe(0);
    expect(session.sent).toHaveLength(1);
  });

  test('nothing but heartbeats and what goes first while it is held back, and then all of it, behind what it is told before', async () => {
    const { connection, session, clock } = start(2);
    connection.hold();
    connection.send([file('a')]);
    connection.sendFirst(summOf('0'.repeat(16)));
    connection.heartbeat(new HeartbeatFrames([]));
    await clock.advance(0);
    expect(session.types).toEqual(['HB', 'SUMM']);
    connection.release([timnOf(1)]);
    await clock.advance(0);
    expect(session.types).toEqual(['HB', 'SUMM', 'TIMN', 'FILE']);
  });

  test('what was held back when it is closed', async () => {
    const { connection, session } = start(2);
    connection.hold();
    connection.send([encodeMessage({ type: 'BYEF', node: recordOf(1) })]);
    await connection.close();
    expect(session.types).toEqual(['BYEF']);
  });

  test('nothing any more once it was closed', async () => {
    const { connection, session } = start(2);
    await connection.close();
    connection.send([file('a')]);
    connection.heartbeat(new HeartbeatFrames([]));
    expect(session.sent).toEqual([]);
  });
});

describe('a direct connection hands on', () => {
  test('gossip in order, and keeps the last heartbeat for healing', async () => {
    const { connection, session, received, clock } = start(2);
    session.say(timnOf(2), hbOf(5), { type: 'FILE', statement: statementOf(2, 'a') }, hbOf(6, 7));
    await clock.advance(0);
    expect(received.map(({ type }) => type)).toEqual(['TIMN', 'FILE']);
    expect(connection.lastHeartbeat).toEqual([recordOf(6), recordOf(7)]);
  });

  test('messages of transfers to its tunnel', async () => {
    const { connection, session, clock } = start(2);
    session.say({ type: 'DONE', transfer: TRANSFER });
    await clock.advance(0);
    const { value } = (await connection.tunnel[Symbol.asyncIterator]().next()) as { value: Uint8Array };
    expect(decodeFrame(value)).toEqual({ type: 'DONE', transfer: TRANSFER });
  });

  test('nothing of a type it does not know, and lives', async () => {
    const { session, received, ends, log, clock } = start(2);
    session.sayBytes(new TextEncoder().encode('FUTURE^1^2'));
    await clock.advance(0);
    expect([received, ends]).toEqual([[], []]);
    expect(log.named('message.unknown')).toHaveLength(1);
  });
});

describe('a direct connection measures the round trip', () => {
  const answer = (echo: number, heldMs: number): HbMessage => ({ ...hbOf(), stamp: 7, echo, heldMs });

  test('from its own stamp, less the time the peer held it', async () => {
    const { connection, session, clock } = start(2);
    await clock.advance(1_000);
    session.say(answer(900, 60));
    await clock.advance(0);
    expect(connection.rtt.smoothedMs).toBe(40);
  });

  test.each([
    ['a stamp of the future', 21_000, 0],
    ['a time held longer than the stamp is old', 19_900, 500],
    ['a stamp older than a live connection can echo', 1_000, 0],
  ])('but not from %s', async (_what, echo, heldMs) => {
    const { connection, session, clock } = start(2);
    session.say(timnOf(2));
    for (let beats = 0; beats < 4; beats++) {
      session.say(hbOf());
      await clock.advance(5_000);
    }
    session.say(answer(echo, heldMs));
    await clock.advance(0);
    expect(connection.rtt.smoothedMs).toBeUndefined();
  });

  test('and echoes the peer with the time since', async () => {
    const { connection, session, clock } = start(2);
    session.say({ ...hbOf(), stamp: 4_711 });
    await clock.advance(250);
    connection.heartbeat(new HeartbeatFrames([]));
    await clock.advance(0);
    expect(decodeFrame(session.sent[0] as Uint8Array)).toMatchObject({ echo: 4_711, heldMs: 250, stamp: 250 });
  });
});

describe('a direct connection ends', () => {
  test('as silent after exactly the time allowed', async () => {
    const { session, ends, clock } = start(2);
    session.say(timnOf(2));
    await clock.advance(9_999);
    expect(ends).toEqual([]);
    await clock.advance(1);
    expect(ends).toEqual(['silent']);
    expect(session.abortedWith).toMatchObject({ code: 'ERR_PEER_DEAD' });
  });

  test('later where the peer was heard meanwhile', async () => {
    const { session, ends, clock } = start(2);
    session.say(timnOf(2));
    await clock.advance(6_000);
    session.say(hbOf());
    await clock.advance(9_999);
    expect(ends).toEqual([]);
    await clock.advance(1);
    expect(ends).toEqual(['silent']);
  });

  test('where a peer talks but takes nothing', async () => {
    const { connection, session, ends, clock } = start(2);
    session.say(timnOf(2));
    session.stall();
    connection.send([file('a')]);
    for (let beats = 0; beats < 12; beats++) {
      session.say(hbOf());
      await clock.advance(2_000);
    }
    expect(ends).toEqual(['silent']);
  });

  test('where a peer beats but never tells its network', async () => {
    const { connection, session, ends, clock } = start(2);
    const introduced = expect(connection.introduced).rejects.toMatchObject({ code: 'ERR_HANDSHAKE_TIMEOUT' });
    for (let beats = 0; beats < 5; beats++) {
      session.say(hbOf());
      await clock.advance(2_000);
    }
    expect(ends).toEqual(['lost']);
    await introduced;
  });

  test('with the tunnel, in goodbyes and in breaks, and says which', async () => {
    const bye = start(2);
    bye.session.say({ type: 'BYEF', node: recordOf(2) });
    const closed = start(3);
    closed.session.hangUp();
    const broken = start(4);
    broken.session.hangUp(lost);
    for (const { clock } of [bye, closed, broken]) await clock.advance(0);
    expect([...bye.ends, ...closed.ends, ...broken.ends]).toEqual(['bye', 'closed', 'lost']);
    await expect(broken.connection.tunnel.send(new Uint8Array(1))).rejects.toBe(lost);
  });

  test.each(['CONN', 'FULL'] as const)('on a second %s', async (type) => {
    const { session, ends, clock } = start(2);
    const conn = {
      type: 'CONN',
      node: recordOf(2),
      recovery: false,
      user: 'u',
      minorVersion: 0,
      features: [],
    } as const;
    session.say(type === 'CONN' ? conn : { type, alternatives: [] });
    await clock.advance(0);
    expect(ends).toEqual(['lost']);
    expect(session.abortedWith).toMatchObject({ code: 'ERR_MESSAGE' });
  });

  test('on a code that whoever takes its messages throws', async () => {
    const mismatch = new KernelError('ERR_PEER_MISMATCH', 'it speaks for another');
    const { session, clock } = start(2, {
      onMessage: () => {
        throw mismatch;
      },
    });
    session.say(timnOf(2));
    await clock.advance(0);
    expect(session.abortedWith).toBe(mismatch);
  });

  test('where more waits than a peer may make wait', async () => {
    const { connection, session, ends } = start(2);
    session.stall();
    const frame = new Uint8Array(64 * 1024);
    for (let sent = 0; sent < 600 && ends.length === 0; sent++) connection.send([frame]);
    expect(ends).toEqual(['lost']);
    expect(session.abortedWith).toMatchObject({ code: 'ERR_LIMIT' });
  });

  test('without a word to its owner where the owner retires it', async () => {
    const { connection, session, ends, clock } = start(2);
    connection.retire(lost);
    await clock.advance(20_000);
    expect(ends).toEqual([]);
    expect(session.abortedWith).toBe(lost);
  });

  test('and leaves no timer, however it ends', async () => {
    for (const end of ['close', 'retire', 'hangUp'] as const) {
      const { connection, session, clock } = start(2);
      if (end === 'close') await connection.close();
      if (end === 'retire') connection.retire(lost);
      if (end === 'hangUp') session.hangUp(lost);
      await clock.advance(0);
      expect(clock.pendingTimers).toBe(0);
    }
  });

  test('and a frame of the tunnel on its way fails with it', async () => {
    const { connection, session, clock } = start(2);
    session.stall();
    const through = expect(connection.tunnel.send(new Uint8Array([0x10]))).rejects.toBe(lost);
    await clock.advance(0);
    session.abort(lost);
    await through;
  });
});

describe('closing a direct connection', () => {
  test('sends what waits first', async () => {
    const { connection, session, ends } = start(2);
    connection.send([file('a'), file('b')]);
    await connection.close();
    expect(session.types).toEqual(['FILE', 'FILE']);
    expect(session.closed).toBe(true);
    expect(ends).toEqual([]);
  });

  test.each(['sending', 'closing'])('cuts off a peer that takes nothing while %s, after two seconds', async (when) => {
    const { connection, session, clock } = start(2);
    let over = false;
    if (when === 'sending') connection.send([file('a')]);
    session.stall();
    void connection.close().then(() => (over = true));
    await clock.advance(1_999);
    expect(over).toBe(false);
    await clock.advance(1);
    expect(over).toBe(true);
    expect(session.abortedWith).toBeDefined();
  });

  test('ends at once where it is retired meanwhile', async () => {
    const { connection, session, clock } = start(2);
    session.stall();
    const closing = connection.close();
    await clock.advance(0);
    connection.retire(lost);
    await closing;
    expect(session.abortedWith).toBe(lost);
  });
});
