import { never } from '../../src/sim/impairment/never.ts';

test('who waits for ever shares no promise with others, which would hold on to all of them', async () => {
  expect(never()).not.toBe(never());
  expect(await Promise.race([never(), Promise.resolve('another')])).toBe('another');
});
