import { WaitingLine } from '../../src/kit/index.ts';

function make() {
  const gone: number[] = [];
  let room = 1;
  const line: WaitingLine = new WaitingLine({
    hasRoom: () => room > 0,
    release: (frame) => {
      room -= 1;
      gone.push(frame[0] ?? NaN);
    },
    onGivenUp: () => line.advance(),
  });
  const send = (number: number, signal?: AbortSignal) => line.send(Uint8Array.of(number), signal);
  const makeRoom = (more: number) => {
    room += more;
    line.advance();
  };
  return { line, gone, send, makeRoom };
}

describe('frames in a line', () => {
  test('go at once while there is room, then in order as there is again', async () => {
    const { line, gone, send, makeRoom } = make();
    await send(1);
    const waiting = [send(2), send(3), send(4)];
    expect([gone, line.isEmpty]).toEqual([[1], false]);
    makeRoom(2);
    await Promise.all(waiting.slice(0, 2));
    expect(gone).toEqual([1, 2, 3]);
    makeRoom(1);
    await waiting[2];
    expect([gone, line.isEmpty]).toEqual([[1, 2, 3, 4], true]);
  });

  test('that are given up never go, and hold up nobody behind them', async () => {
    const { gone, send, makeRoom } = make();
    const giveUp = new AbortController();
    await send(1);
    const [second, third] = [send(2, giveUp.signal), send(3)];
    giveUp.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    makeRoom(1);
    await third;
    expect(gone).toEqual([1, 3]);
  });

  test('are not changed by what their sender does to its bytes', async () => {
    const released: Uint8Array[] = [];
    const line = new WaitingLine({
      hasRoom: () => true,
      release: (frame) => released.push(frame),
      onGivenUp: () => undefined,
    });
    const frame = Uint8Array.of(1);
    await line.send(frame, undefined);
    frame[0] = 9;
    expect(released).toEqual([Uint8Array.of(1)]);
  });

  test('all fail when nothing can go any more', async () => {
    const { line, send } = make();
    await send(1);
    const waiting = [send(2), send(3)];
    const failures = Promise.allSettled(waiting);
    line.fail(new Error('over'));
    expect((await failures).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(line.isEmpty).toBe(true);
  });
});
