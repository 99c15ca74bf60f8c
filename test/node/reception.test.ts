import { KernelError, type Session, type SessionListener } from '../../src/kernel/index.ts';
import { AsyncQueue, VirtualClock } from '../../src/kit/index.ts';
import { Reception } from '../../src/node/reception.ts';
import { FakeSession } from '../support/fake-session.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { idOf, timnOf } from './overlay/support/neighbour.ts';

const closed = new KernelError('ERR_CLOSED', 'the node is closed');

function make(onSession: (type: string) => Promise<void> = () => Promise.resolve()) {
  const clock = new VirtualClock();
  const log = new RecordingLogger();
  const arriving = new AsyncQueue<Session>();
  const taken: string[] = [];
  const reception = new Reception({
    clock,
    logger: log,
    settings: { handshakeMs: 5_000 },
    onSession: ({ message }) => {
      taken.push(message.type);
      return onSession(message.type);
    },
  });
  const running = reception.run(arriving as unknown as SessionListener);
  const arrive = (number: number) => {
    const session = new FakeSession(idOf(number));
    arriving.push(session);
    return session;
  };
  return { clock, log, arriving, taken, reception, running, arrive };
}

describe('reception', () => {
  test('hands a session on when it has said its first message', async () => {
    const { clock, taken, arrive } = make();
    const session = arrive(1);
    await clock.advance(10);
    expect(taken).toEqual([]);
    session.say(timnOf(1));
    await clock.advance(0);
    expect(taken).toEqual(['TIMN']);
    expect(session.abortedWith).toBeUndefined();
  });

  test('lets no silent session hold up another', async () => {
    const { clock, taken, arrive } = make();
    arrive(1);
    arrive(2).say(timnOf(2));
    await clock.advance(0);
    expect(taken).toEqual(['TIMN']);
  });

  test('ends a session with the code that whoever takes it throws, and one line', async () => {
    const refused = new KernelError('ERR_MESSAGE', 'not so');
    const { clock, log, arrive } = make(() => Promise.reject(refused));
    const session = arrive(1);
    session.say(timnOf(1));
    await clock.advance(0);
    expect(session.abortedWith).toBe(refused);
    expect(log.named('session.refused')).toMatchObject([{ fields: { peer: idOf(1), code: 'ERR_MESSAGE' } }]);
  });

  test('takes it for a question whether it is there when a session ends without a word', async () => {
    const { clock, log, arrive, taken } = make();
    arrive(1).hangUp();
    await clock.advance(0);
    expect([taken, log.named('session.refused')]).toEqual([[], []]);
    expect(log.named('session.unused')).toMatchObject([{ level: 'debug', fields: { peer: idOf(1) } }]);
  });

  test('turns away who has sixteen silent sessions already, and nobody else; the log is told once', async () => {
    const { clock, log, arrive, taken } = make();
    const sessions = Array.from({ length: 20 }, () => arrive(1));
    const other = arrive(2);
    other.say(timnOf(2));
    await clock.advance(0);
    expect(sessions.map(({ abortedWith }) => abortedWith === undefined)).toEqual(
      Array.from({ length: 20 }, (_, index) => index < 16),
    );
    expect(taken).toEqual(['TIMN']);
    expect(log.named('session.refused').filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  test('keeps 256 silent sessions at most, whosesoever', async () => {
    const { clock, arrive } = make();
    const sessions = Array.from({ length: 300 }, (_, index) => arrive(index));
    await clock.advance(0);
    expect(sessions.filter(({ abortedWith }) => abortedWith === undefined)).toHaveLength(256);
  });

  test('has room again when silent sessions are over', async () => {
    const { clock, arrive, taken } = make();
    for (let count = 0; count < 16; count++) arrive(1);
    await clock.advance(5_000);
    arrive(1).say(timnOf(1));
    await clock.advance(0);
    expect(taken).toEqual(['TIMN']);
  });

  test('ends silent sessions when it closes, and leaves no timer', async () => {
    const { clock, arriving, arrive, reception, running } = make();
    const session = arrive(1);
    await clock.advance(0);
    arriving.end();
    await reception.close(closed);
    await running;
    expect(session.abortedWith).toBe(closed);
    expect(clock.pendingTimers).toBe(0);
  });

  test('fails where the listener does', async () => {
    const { arriving, running } = make();
    arriving.fail(closed);
    await expect(running).rejects.toBe(closed);
  });
});
