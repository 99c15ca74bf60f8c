import { ddmin } from '../../src/sim/index.ts';

const ITEMS = Array.from({ length: 40 }, (_, index) => index);

describe('ddmin', () => {
  test.each([[[3]], [[3, 17]], [[0, 20, 39]], [[5, 6, 7, 30]]])('finds the part %j that fails', async (needed) => {
    const fails = async (part: readonly number[]) => needed.every((item) => part.includes(item));
    expect(await ddmin(ITEMS, fails)).toEqual(needed);
  });

  test('gives nothing where nothing is needed', async () => {
    expect(await ddmin(ITEMS, async () => true)).toEqual([]);
  });

  test('keeps everything where everything is needed', async () => {
    expect(await ddmin(ITEMS, async (part) => part.length === ITEMS.length)).toEqual(ITEMS);
  });
});
