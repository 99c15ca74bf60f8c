import { VirtualClock } from '../../src/kit/virtual-clock.ts';

describe('VirtualClock', () => {
  test('stands still until it is advanced, wall time with it', async () => {
    const clock = new VirtualClock({ wallTime: 1_000_000 });
    expect([clock.now(), clock.wallTime()]).toEqual([0, 1_000_000]);
    await clock.advance(2.5);
    expect([clock.now(), clock.wallTime()]).toEqual([2.5, 1_000_002.5]);
  });

  test('fires what falls due in order of time, then of setting, each at its instant', async () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    for (const [name, delay] of Object.entries({ c: 30, a: 10, b: 10, d: 31 })) {
      clock.setTimer(delay, () => fired.push(`${name}@${clock.now()}`));
    }
    await clock.advance(30);
    expect(fired).toEqual(['a@10', 'b@10', 'c@30']);
    expect(clock.pendingTimers).toBe(1);
  });

  test('lets promises settle between two timers, however long the chain', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.setTimer(1, () => {
      let chain = Promise.resolve();
      for (let link = 0; link < 100; link++) chain = chain.then(() => undefined);
      void chain.then(() => seen.push('chain'));
    });
    clock.setTimer(2, () => seen.push('second timer'));
    await clock.advance(2);
    expect(seen).toEqual(['chain', 'second timer']);
  });

  test('lets promises settle between any two of many timers', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    for (let timer = 0; timer < 200; timer++) {
      clock.setTimer(timer % 3, () => {
        seen.push(`timer ${timer}`);
        process.nextTick(() => {
          void Promise.resolve()
            .then(() => undefined)
            .then(() => seen.push(`promise ${timer}`));
        });
      });
    }
    await clock.advance(2);
    const numbers = seen.map((each) => Number(each.split(' ')[1]));
    expect(seen).toHaveLength(400);
    for (let at = 0; at < 400; at += 2) {
      expect(seen.slice(at, at + 2)).toEqual([`timer ${numbers[at]}`, `promise ${numbers[at]}`]);
    }
  });

  test('rejects with what a timer throws, and goes on with the next call', async () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    clock.setTimer(1, () => {
      throw new Error('a bad timer');
    });
    clock.setTimer(2, () => fired.push(clock.now()));
    await expect(clock.advance(5)).rejects.toThrow('a bad timer');
    await clock.advance(5);
    expect(fired).toEqual([2]);
  });

  test('waits for what goes on outside before time passes', async () => {
    let outside: Promise<void> | undefined;
    const seen: string[] = [];
    const clock = new VirtualClock({ outside: () => outside });
    clock.setTimer(1, () => {
      outside = new Promise<void>((resolve) => setTimeout(resolve, 1)).then(() => {
        outside = undefined;
        seen.push(`outside@${clock.now()}`);
      });
    });
    clock.setTimer(2, () => seen.push(`timer@${clock.now()}`));
    await clock.advance(2);
    expect(seen).toEqual(['outside@1', 'timer@2']);
  });

  test('fires in the same advance what a timer or a promise of it sets', async () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    const again = () => {
      fired.push(clock.now());
      void Promise.resolve().then(() => clock.setTimer(10, again));
    };
    clock.setTimer(10, again);
    await clock.advance(35);
    expect(fired).toEqual([10, 20, 30]);
  });

  test('fires no timer that was cancelled, also by another of the same instant, and cancels twice', async () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    clock.setTimer(5, () => {
      fired.push('first');
      second.cancel();
    });
    const second = clock.setTimer(5, () => fired.push('second'));
    const third = clock.setTimer(6, () => fired.push('third'));
    third.cancel();
    third.cancel();
    await clock.advance(10);
    expect(fired).toEqual(['first']);
    expect(clock.pendingTimers).toBe(0);
  });

  test('takes a negative delay for none and refuses NaN and going back', async () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    clock.setTimer(-5, () => fired.push(clock.now()));
    await clock.advance(0);
    expect(fired).toEqual([0]);
    expect(() => clock.setTimer(Number.NaN, () => undefined)).toThrow(RangeError);
    await expect(clock.advance(-1)).rejects.toThrow(RangeError);
  });

  test('refuses a second advance while one runs', async () => {
    const clock = new VirtualClock();
    const first = clock.advance(1);
    await expect(clock.advance(1)).rejects.toThrow('runs already');
    await first;
  });
});
