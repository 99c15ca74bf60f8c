import { VirtualClock } from '../../../src/kit/virtual-clock.ts';
import { DialBudget } from '../../../src/node/overlay/dial-budget.ts';

function takeAll(budget: DialBudget): number {
  let taken = 0;
  while (budget.take()) taken += 1;
  return taken;
}

describe('the budget of dials that peers may cause', () => {
  test('is used up after as many as a minute allows', () => {
    const budget = new DialBudget({ clock: new VirtualClock(), perMinute: 30 });
    expect(takeAll(budget)).toBe(30);
  });

  test('refills evenly', async () => {
    const clock = new VirtualClock();
    const budget = new DialBudget({ clock, perMinute: 30 });
    takeAll(budget);
    await clock.advance(10_000);
    expect(takeAll(budget)).toBe(5);
  });

  test('does not grow beyond a minute however long nothing is dialled', async () => {
    const clock = new VirtualClock();
    const budget = new DialBudget({ clock, perMinute: 30 });
    await clock.advance(24 * 60 * 60 * 1000);
    expect(takeAll(budget)).toBe(30);
  });
});
