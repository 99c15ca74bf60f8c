import { VirtualClock } from '../../../src/kit/index.ts';
import { SignsOfLife } from '../../../src/node/overlay/signs-of-life.ts';
import { idOf } from './support/neighbour.ts';

const MINUTE_MS = 60_000;

function make() {
  const clock = new VirtualClock();
  const signs = new SignsOfLife({ clock, settings: { deadMs: 10_000 } });
  signs.enter(idOf(1));
  return { clock, signs, isOverdue: () => signs.isOverdue(idOf(1)) };
}

describe('a member', () => {
  test('of which nobody tells is overdue after as long as a silence may last', async () => {
    const { clock, isOverdue } = make();
    await clock.advance(9_999);
    expect(isOverdue()).toBe(false);
    await clock.advance(1);
    expect(isOverdue()).toBe(true);
  });

  test('is not overdue while it is heard, or a neighbour names it', async () => {
    const { clock, signs, isOverdue } = make();
    await clock.advance(9_000);
    signs.heard(idOf(1));
    await clock.advance(9_000);
    signs.vouched(idOf(1), clock.now());
    await clock.advance(9_000);
    expect(isOverdue()).toBe(false);
  });

  test('is overdue after ten minutes without a word of its own, whoever names it', async () => {
    const { clock, signs, isOverdue } = make();
    for (let second = 0; second < 599; second++) {
      await clock.advance(1_000);
      signs.vouched(idOf(1), clock.now());
    }
    expect(isOverdue()).toBe(false);
    await clock.advance(1_000);
    signs.vouched(idOf(1), clock.now());
    expect(isOverdue()).toBe(true);
  });

  test('that answers though nobody can dial it is left alone for longer each time, until it is heard itself', async () => {
    const { clock, signs, isOverdue } = make();
    signs.answered(idOf(1));
    signs.answered(idOf(1));
    await clock.advance(39_999);
    expect(isOverdue()).toBe(false);
    await clock.advance(1);
    expect(isOverdue()).toBe(true);
    signs.heard(idOf(1));
    await clock.advance(10_000);
    expect(isOverdue()).toBe(true);
  });

  test('that is gone, or was never there, is nobody to wait for', async () => {
    const { clock, signs, isOverdue } = make();
    signs.forget(idOf(1));
    signs.vouched(idOf(2), 0);
    signs.heard(idOf(2));
    await clock.advance(MINUTE_MS);
    expect([isOverdue(), signs.isOverdue(idOf(2)), signs.heardAt(idOf(2))]).toEqual([false, false, -Infinity]);
  });

  test('was last heard at the latest time that is known', async () => {
    const { clock, signs } = make();
    await clock.advance(5_000);
    signs.heard(idOf(1), 4_000);
    signs.heard(idOf(1), 3_000);
    expect(signs.heardAt(idOf(1))).toBe(4_000);
  });
});
