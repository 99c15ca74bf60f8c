import { PassThrough } from 'node:stream';
import { HalfOpenStreams, VirtualClock } from '../../src/kit/index.ts';

function scene(limit = 3) {
  const clock = new VirtualClock();
  const halfOpen = new HalfOpenStreams({ clock, limit, timeoutMs: 1_000 });
  const add = () => {
    const stream = new PassThrough();
    halfOpen.add(stream);
    return stream;
  };
  return { clock, halfOpen, add };
}

const closed = (stream: PassThrough) => new Promise<void>((resolve) => stream.once('close', () => resolve()));

describe('HalfOpenStreams', () => {
  test('ends who says nothing in time, each in its own', async () => {
    const { clock, halfOpen, add } = scene();
    const first = add();
    await clock.advance(600);
    const second = add();
    await clock.advance(399);
    expect([first.destroyed, halfOpen.size]).toEqual([false, 2]);
    await clock.advance(1);
    expect([first.destroyed, second.destroyed, halfOpen.size]).toEqual([true, false, 1]);
    await clock.advance(600);
    expect([second.destroyed, halfOpen.size, clock.pendingTimers]).toEqual([true, 0, 0]);
  });

  test('leaves who has spoken alone', async () => {
    const { clock, halfOpen, add } = scene();
    const stream = add();
    halfOpen.release(stream);
    halfOpen.release(stream);
    await clock.advance(10_000);
    expect([stream.destroyed, halfOpen.size, clock.pendingTimers]).toEqual([false, 0, 0]);
  });

  test('ends the oldest for a newcomer where there are as many as may be', () => {
    const { halfOpen, add } = scene(3);
    const [first, second, ...others] = [add(), add(), add(), add(), add()];
    expect([first, second].map(({ destroyed }) => destroyed)).toEqual([true, true]);
    expect(others.map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
    expect(halfOpen.size).toBe(3);
  });

  test('counts nobody for the limit who has spoken', () => {
    const { halfOpen, add } = scene(1);
    const first = add();
    halfOpen.release(first);
    const second = add();
    expect([first.destroyed, second.destroyed]).toEqual([false, false]);
  });

  test('forgets who is gone', async () => {
    const { clock, halfOpen, add } = scene();
    const stream = add();
    stream.destroy();
    await closed(stream);
    expect([halfOpen.size, clock.pendingTimers]).toEqual([0, 0]);
  });

  test('ends all at once, and takes others after that', async () => {
    const { clock, halfOpen, add } = scene();
    const streams = [add(), add()];
    const spoken = add();
    halfOpen.release(spoken);
    halfOpen.dropAll();
    expect([...streams, spoken].map(({ destroyed }) => destroyed)).toEqual([true, true, false]);
    expect([halfOpen.size, clock.pendingTimers]).toEqual([0, 0]);
    expect(add().destroyed).toBe(false);
  });

  describe('tell once of who ended before he had spoken', () => {
    function told(limit?: number) {
      const { clock, halfOpen } = scene(limit);
      const ends: string[] = [];
      const add = (name: string) => {
        const stream = new PassThrough();
        halfOpen.add(stream, () => ends.push(name));
        return stream;
      };
      return { clock, halfOpen, ends, add };
    }

    test('for time, for a newcomer, and of his own will', async () => {
      const { clock, ends, add } = told(2);
      const streams = [add('oldest'), add('leaves')];
      add('late');
      streams[1]?.destroy();
      await Promise.all(streams.map(closed));
      await clock.advance(2_000);
      expect(ends).toEqual(['oldest', 'leaves', 'late']);
    });

    test('and not of who has spoken, nor when all are ended', async () => {
      const { clock, halfOpen, ends, add } = told();
      const [spoken, ended] = [add('spoken'), add('ended')];
      halfOpen.release(spoken);
      spoken.destroy();
      halfOpen.dropAll();
      await Promise.all([closed(spoken), closed(ended)]);
      await clock.advance(2_000);
      expect(ends).toEqual([]);
    });
  });
});
