import { KernelError } from '../../../src/kernel/index.ts';
import { VirtualClock } from '../../../src/kit/index.ts';
import { readFirstMessage } from '../../../src/node/overlay/first-message.ts';
import { decodeFrame } from '../../../src/node/messages/codec.ts';
import { FakeSession } from '../../support/fake-session.ts';
import { hbOf, idOf, timnOf } from './support/neighbour.ts';

function read(signal?: AbortSignal) {
  const clock = new VirtualClock();
  const session = new FakeSession(idOf(2));
  const reading = readFirstMessage(session, { clock, timeoutMs: 5_000, signal });
  reading.catch(() => undefined);
  return { clock, session, reading };
}

describe('the first message of a session', () => {
  test('is read, and the session goes on behind it', async () => {
    const { session, reading } = read();
    session.say(timnOf(2), hbOf());
    const opened = await reading;
    expect(opened.message.type).toBe('TIMN');
    const { value } = (await opened.session[Symbol.asyncIterator]().next()) as { value: Uint8Array };
    expect(decodeFrame(value).type).toBe('HB');
    expect([opened.session.peer, opened.session.remote]).toEqual([session.peer, session.remote]);
  });

  test('leaves no timer behind', async () => {
    const { clock, session, reading } = read();
    session.say(timnOf(2));
    await reading;
    expect(clock.pendingTimers).toBe(0);
  });

  test('that does not come in time ends the session', async () => {
    const { clock, session, reading } = read();
    await clock.advance(5_000);
    await expect(reading).rejects.toMatchObject({ code: 'ERR_HANDSHAKE_TIMEOUT' });
    expect(session.abortedWith).toMatchObject({ code: 'ERR_HANDSHAKE_TIMEOUT' });
  });

  test('that never comes since the peer closed is a lost connection', async () => {
    const { session, reading } = read();
    session.hangUp();
    await expect(reading).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    expect(session.abortedWith).toBeDefined();
  });

  test('that is malformed ends the session', async () => {
    const { session, reading } = read();
    session.sayBytes(new TextEncoder().encode('LEFT^x'));
    await expect(reading).rejects.toMatchObject({ code: 'ERR_MESSAGE' });
    expect(session.abortedWith).toMatchObject({ code: 'ERR_MESSAGE' });
  });

  test('is waited for only until the caller gives up, and the session ends with the reason', async () => {
    const giveUp = new AbortController();
    const reason = new KernelError('ERR_ABORTED', 'enough');
    const { session, reading } = read(giveUp.signal);
    giveUp.abort(reason);
    await expect(reading).rejects.toBe(reason);
    expect(session.abortedWith).toBe(reason);
  });
});
