import { getEventListeners } from 'node:events';
import { SendQueue } from '../../src/kit/send-queue.ts';
import { ScriptedChannel } from './scripted-channel.ts';

const frame = (first: number) => Uint8Array.of(first);

function scene(room = Infinity) {
  const channel = new ScriptedChannel();
  channel.room = room;
  const queue = new SendQueue(channel);
  /** Notes in `settled` how each send ends, in order. */
  const settled: string[] = [];
  const send = (first: number, signal?: AbortSignal) =>
    queue.send(frame(first), signal).then(
      () => settled.push(`sent ${first}`),
      (error: unknown) => settled.push(`${first}: ${(error as Error).message}`),
    );
  return { channel, queue, settled, send };
}

/** Lets promises that are settled tell so. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('SendQueue', () => {
  test('lets frames out in the order of the calls, as far as there is room', async () => {
    const { channel, queue, settled, send } = scene(2);
    for (const first of [1, 2, 3]) void send(first);
    await turn();
    expect([channel.log, settled]).toEqual([
      ['frame 1', 'frame 2'],
      ['sent 1', 'sent 2'],
    ]);
    channel.room = 1;
    queue.advance();
    await turn();
    expect(settled).toEqual(['sent 1', 'sent 2', 'sent 3']);
  });

  test('lets nothing out behind a frame that the channel has not given back', async () => {
    const { channel, settled, send } = scene();
    channel.givesBack = false;
    for (const first of [1, 2]) void send(first);
    await turn();
    expect([channel.log, settled]).toEqual([['frame 1'], []]);
    channel.giveBack();
    await turn();
    expect([channel.log, settled]).toEqual([['frame 1', 'frame 2'], ['sent 1']]);
  });

  test('lets many frames out that are given back at once without going deeper for each', async () => {
    const { queue, channel } = scene(0);
    const sends = Array.from({ length: 20_000 }, (_, index) => queue.send(frame(index % 256), undefined));
    channel.room = Infinity;
    queue.advance();
    await Promise.all(sends);
    expect(channel.frames).toHaveLength(20_000);
  });

  test('hands out a frame as it is, and a copy of one that may be given up', async () => {
    const { queue, channel } = scene();
    const [plain, cancellable] = [frame(1), frame(2)];
    await queue.send(plain, undefined);
    await queue.send(cancellable, new AbortController().signal);
    cancellable[0] = 9;
    expect(channel.frames[0]).toBe(plain);
    expect(channel.frames[1]).toEqual(frame(2));
  });

  test('never lets a frame out whose signal aborts while it waits, and goes on with the next', async () => {
    const { channel, queue, settled, send } = scene(0);
    const controller = new AbortController();
    void send(1, controller.signal);
    void send(2);
    controller.abort(new Error('given up'));
    channel.room = Infinity;
    queue.advance();
    await turn();
    expect([channel.log, settled]).toEqual([['frame 2'], ['1: given up', 'sent 2']]);
  });

  test('has sent a frame that is out, whatever its signal does then', async () => {
    const { channel, settled, send } = scene();
    channel.givesBack = false;
    const controller = new AbortController();
    void send(1, controller.signal);
    controller.abort(new Error('too late'));
    await turn();
    expect([channel.log, settled]).toEqual([['frame 1'], ['sent 1']]);
  });

  test.each(['sent', 'failed', 'given up'])('lets go of the signal of a send that was %s', async (how) => {
    const { channel, queue, send } = scene(how === 'sent' ? Infinity : 0);
    const controller = new AbortController();
    const sending = send(1, controller.signal);
    if (how === 'failed') queue.fail(new Error('lost'));
    if (how === 'given up') controller.abort(new Error('given up'));
    await sending;
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    expect(channel.log).toEqual(how === 'sent' ? ['frame 1'] : []);
  });

  test('rejects what is underway and what waits when it fails, in order, and lets nothing more out', async () => {
    const { channel, queue, settled, send } = scene();
    channel.givesBack = false;
    for (const first of [1, 2, 3]) void send(first);
    queue.fail(new Error('lost'));
    channel.giveBack();
    queue.advance();
    await turn();
    expect([channel.log, settled]).toEqual([['frame 1'], ['1: lost', '2: lost', '3: lost']]);
  });

  test('survives a channel that fails it while it takes a frame', async () => {
    const { channel, queue, settled, send } = scene(0);
    for (const first of [1, 2]) void send(first);
    channel.writeFrame = () => queue.fail(new Error('lost at once'));
    channel.room = Infinity;
    queue.advance();
    await turn();
    expect(settled).toEqual(['1: lost at once', '2: lost at once']);
  });

  describe('that is to finish', () => {
    const finished = (queue: SendQueue) => {
      let times = 0;
      queue.finish(() => times++);
      return () => times;
    };

    test('calls back at once where nothing waits', () => {
      expect(finished(scene().queue)()).toBe(1);
    });

    test('calls back once, when the last waiting frame is out', async () => {
      const { channel, queue, send } = scene(0);
      void send(1);
      const times = finished(queue);
      expect(times()).toBe(0);
      channel.room = Infinity;
      queue.advance();
      queue.advance();
      expect(times()).toBe(1);
    });

    test('calls back when the last waiting frame is given up', async () => {
      const { queue, send } = scene(0);
      const controller = new AbortController();
      void send(1, controller.signal);
      const times = finished(queue);
      controller.abort(new Error('given up'));
      expect(times()).toBe(1);
    });

    test('never calls back after it has failed', async () => {
      const { queue, send } = scene(0);
      void send(1);
      const times = finished(queue);
      queue.fail(new Error('lost'));
      queue.advance();
      expect(times()).toBe(0);
    });
  });
});
