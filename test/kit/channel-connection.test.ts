import { errorCode } from '../../src/kernel/index.ts';
import { ChannelConnection, VirtualClock, type ChannelReceiver } from '../../src/kit/index.ts';
import { ScriptedChannel } from './scripted-channel.ts';

const LIMIT = 1_000;
/** What an unread frame counts beside its bytes. */
const FRAME_COST = 128;

function scene({ receiveLimit = 2_000 } = {}) {
  const clock = new VirtualClock();
  const channel = new ScriptedChannel();
  let peer!: ChannelReceiver;
  const connection = new ChannelConnection(
    (receiver) => {
      peer = receiver;
      return channel;
    },
    { clock, local: 'here', remote: 'there', maxFrameLength: LIMIT, receiveLimit },
  );
  const frames = connection[Symbol.asyncIterator]();
  return { clock, channel, peer, connection, frames };
}

/** How a promise ends, as text: its value, or the code or message of its error. */
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    (value) => (value === undefined ? 'done' : JSON.stringify(value)),
    (error: unknown) => errorCode(error) ?? (error as Error).message,
  );

const END = JSON.stringify({ done: true });

describe('a connection over a channel', () => {
  test('sends frames up to the limit, and refuses longer ones without ending', async () => {
    const { channel, connection } = scene();
    await connection.send(new Uint8Array(LIMIT));
    expect(await outcome(connection.send(new Uint8Array(LIMIT + 1)))).toBe('ERR_FRAME_TOO_LARGE');
    await connection.send(Uint8Array.of(1));
    expect(channel.log).toEqual(['frame 0', 'frame 1']);
  });

  test('goes on with what waits when the channel takes more', async () => {
    const { channel, peer, connection } = scene();
    channel.room = 0;
    const sending = outcome(connection.send(Uint8Array.of(1)));
    expect(channel.log).toEqual([]);
    channel.room = 1;
    peer.writable();
    expect(await sending).toBe('done');
  });

  describe('whose frames nobody reads', () => {
    test('pauses the channel once over the limit, empty frames counted, and resumes it at half', async () => {
      const { channel, peer, frames } = scene({ receiveLimit: 4 * FRAME_COST });
      for (let frame = 0; frame < 4; frame++) peer.frame(new Uint8Array(0));
      expect(channel.log).toEqual([]);
      peer.frame(new Uint8Array(0));
      // What the channel had read before it stopped may still come.
      peer.frame(new Uint8Array(0));
      expect(channel.log).toEqual(['pause']);
      for (let read = 0; read < 3; read++) await frames.next();
      expect(channel.log).toEqual(['pause']);
      await frames.next();
      expect(channel.log).toEqual(['pause', 'resume']);
    });

    test('takes one frame at least, however long', () => {
      const { channel, peer } = scene({ receiveLimit: 10 });
      peer.frame(new Uint8Array(LIMIT));
      expect(channel.log).toEqual(['pause']);
    });
  });

  describe('that closes', () => {
    test('says so behind its last frame, and has closed when the peer has everything', async () => {
      const { channel, peer, connection } = scene();
      channel.room = 0;
      const sending = outcome(connection.send(Uint8Array.of(1)));
      const closing = outcome(connection.close());
      expect(channel.log).toEqual([]);
      channel.room = 1;
      peer.writable();
      expect(channel.log).toEqual(['frame 1', 'closing']);
      peer.mark('received');
      expect(await Promise.all([sending, closing])).toEqual(['done', 'done']);
    });

    test('lets the channel end when both sides closed, and leaves no timer', async () => {
      const { clock, channel, peer, connection, frames } = scene();
      const closing = connection.close();
      peer.mark('received');
      await closing;
      peer.frame(Uint8Array.of(7));
      expect(channel.log).toEqual(['closing']);
      peer.mark('closing');
      expect(channel.log).toEqual(['closing', 'received', 'finish']);
      peer.gone();
      expect(clock.pendingTimers).toBe(0);
      expect((await frames.next()).value).toEqual(Uint8Array.of(7));
      expect(await outcome(frames.next())).toBe(END);
    });

    test('closes cleanly where both marks cross', async () => {
      const { channel, peer, connection } = scene();
      const closing = outcome(connection.close());
      peer.mark('closing');
      peer.mark('received');
      expect(await closing).toBe('done');
      expect(channel.log).toEqual(['closing', 'received', 'finish']);
    });

    test('refuses to send from then on, and gives each call of close one outcome', async () => {
      const { peer, connection } = scene();
      const closings = [connection.close(), connection.close()].map(outcome);
      expect(await outcome(connection.send(Uint8Array.of(1)))).toBe('ERR_CLOSED');
      peer.mark('received');
      expect(await Promise.all([...closings, outcome(connection.close())])).toEqual(['done', 'done', 'done']);
    });

    test('gives up a close by its signal alone: the next call goes on waiting', async () => {
      const { channel, peer, connection } = scene();
      const controller = new AbortController();
      const closing = outcome(connection.close({ signal: controller.signal }));
      controller.abort(new Error('given up'));
      expect(await closing).toBe('given up');
      const again = outcome(connection.close());
      peer.mark('received');
      expect(await again).toBe('done');
      expect(channel.log).toEqual(['closing']);
    });

    test('is ended after 5 s where the peer does not take everything', async () => {
      const { clock, channel, connection, frames } = scene();
      const [closing, reading] = [outcome(connection.close()), outcome(frames.next())];
      await clock.advance(4_999);
      expect(channel.log).toEqual(['closing']);
      await clock.advance(1);
      expect(channel.log).toEqual(['closing', 'destroy']);
      expect(await Promise.all([closing, reading])).toEqual(['ERR_CLOSE_TIMEOUT', 'ERR_CLOSE_TIMEOUT']);
    });

    test('is ended after 5 s where the peer leaves its side open', async () => {
      const { clock, channel, peer, connection, frames } = scene();
      const closing = connection.close();
      peer.mark('received');
      await closing;
      await clock.advance(5_000);
      expect(channel.log).toEqual(['closing', 'destroy']);
      expect(await outcome(frames.next())).toBe('ERR_CONNECTION_LOST');
      expect(await outcome(connection.close())).toBe('done');
    });

    test('ends a channel that goes on after both sides closed, and nobody hears of it', async () => {
      const { clock, channel, peer, connection, frames } = scene();
      const closing = connection.close();
      peer.mark('closing');
      peer.mark('received');
      await closing;
      await clock.advance(5_000);
      expect(channel.log).toEqual(['closing', 'received', 'finish', 'destroy']);
      expect(await outcome(frames.next())).toBe(END);
    });
  });

  describe('whose peer closed', () => {
    test('yields what came before, then is done, every time', async () => {
      const { peer, frames } = scene();
      peer.frame(Uint8Array.of(1));
      peer.mark('closing');
      expect((await frames.next()).value).toEqual(Uint8Array.of(1));
      expect([await outcome(frames.next()), await outcome(frames.next())]).toEqual([END, END]);
    });

    test('still sends; where the peer is gone then, that fails and the reading was clean', async () => {
      const { peer, connection, frames } = scene();
      peer.mark('closing');
      await connection.send(Uint8Array.of(1));
      peer.gone();
      expect(await outcome(connection.send(Uint8Array.of(2)))).toBe('ERR_CONNECTION_LOST');
      expect(await outcome(frames.next())).toBe(END);
    });
  });

  describe('that is aborted', () => {
    test('rejects all that is pending with the reason, ends the channel, and drops what was not read', async () => {
      const { clock, channel, peer, connection, frames } = scene();
      channel.room = 0;
      peer.frame(Uint8Array.of(1));
      const pending = [connection.send(Uint8Array.of(2)), connection.close()].map(outcome);
      connection.abort(new Error('no more'));
      expect(await Promise.all(pending)).toEqual(['no more', 'no more']);
      expect(await outcome(frames.next())).toBe('no more');
      expect([channel.log, clock.pendingTimers]).toEqual([['destroy'], 0]);
    });

    test('rejects what is called later, with the first reason', async () => {
      const { connection, frames } = scene();
      connection.abort(new Error('first'));
      connection.abort(new Error('second'));
      const calls = [connection.send(Uint8Array.of(1)), connection.close(), frames.next()].map(outcome);
      expect(await Promise.all(calls)).toEqual(['first', 'first', 'first']);
    });

    test('stays lost where it was lost before', async () => {
      const { peer, connection } = scene();
      peer.gone(new Error('reset'));
      connection.abort(new Error('too late'));
      expect(await outcome(connection.close())).toBe('ERR_CONNECTION_LOST');
    });

    test('leaves a close alone that had succeeded', async () => {
      const { channel, peer, connection } = scene();
      const closing = connection.close();
      peer.mark('received');
      await closing;
      connection.abort(new Error('no more'));
      expect(await outcome(connection.close())).toBe('done');
      expect(channel.log).toEqual(['closing', 'destroy']);
    });

    test('is disposed of without a word', async () => {
      const { channel, connection } = scene();
      connection.abort(new Error('no more'));
      await connection[Symbol.asyncDispose]();
      expect(channel.log).toEqual(['destroy']);
    });
  });

  describe('whose channel is gone', () => {
    test.each([
      ['without a word', undefined, 'there ended the connection without closing it'],
      [
        'for an error of the system',
        new Error('ECONNRESET'),
        'there ended the connection without closing it: ECONNRESET',
      ],
    ])('%s is lost, after what came before', async (_, error, message) => {
      const { peer, connection, frames } = scene();
      peer.frame(Uint8Array.of(1));
      const closing = connection.close();
      peer.gone(error);
      expect((await frames.next()).value).toEqual(Uint8Array.of(1));
      await expect(frames.next()).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST', message });
      await expect(closing).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    });
  });

  test.each([
    ['a frame after its closing mark', ['closing', 'frame']],
    ['its closing mark twice', ['closing', 'closing']],
    ['an answer to a mark that was not sent', ['received']],
  ] as const)('ends with ERR_PACKET the peer that sends %s', async (_, said) => {
    const { channel, peer, connection } = scene();
    for (const each of said) {
      if (each === 'frame') peer.frame(Uint8Array.of(1));
      else peer.mark(each);
    }
    expect(await outcome(connection.send(Uint8Array.of(1)))).toBe('ERR_PACKET');
    expect(channel.log.at(-1)).toBe('destroy');
  });

  test('takes no answer for the mark that still waits behind a frame', async () => {
    const { channel, peer, connection } = scene();
    channel.room = 0;
    connection.send(Uint8Array.of(1)).catch(() => undefined);
    const closing = outcome(connection.close());
    peer.mark('received');
    expect(await closing).toBe('ERR_PACKET');
  });
});
