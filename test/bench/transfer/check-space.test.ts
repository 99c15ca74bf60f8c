import { tmpdir } from 'node:os';
import { checkSpace } from '../../../src/bench/transfer/check-space.ts';
import { FULL_PLAN, QUICK_PLAN, spaceNeeded } from '../../../src/bench/transfer/plan.ts';

test('a disk with room is told nothing of', async () => {
  await expect(checkSpace(tmpdir(), 1)).resolves.toBeUndefined();
});

test('a disk with too little says how much is needed, and how to name another', async () => {
  await expect(checkSpace(tmpdir(), 2 ** 60)).rejects.toMatchObject({
    code: 'ERR_DISK_FULL',
    message: expect.stringMatching(/needs 1099511627776 MiB .* has \d+ MiB; .*TMPDIR/) as string,
  });
});

test('a full run needs less than two and a quarter gibibytes, a quick one a tenth of that', () => {
  expect(spaceNeeded(FULL_PLAN)).toBeLessThan(2.25 * 2 ** 30);
  expect(spaceNeeded(QUICK_PLAN)).toBeLessThan(0.21 * 2 ** 30);
});
