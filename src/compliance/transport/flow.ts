import { expect, expectBytes, outcomeOf } from '../expectations.ts';
import { sampleBytes } from '../sample-bytes.ts';
import { exchange } from './frames.ts';
import { FILL_FRAME_LENGTH, Reader, transportCase } from './stage.ts';

/** Cases on a reader that is slower than the sender. */
export const flowCases = [
  transportCase(
    'holds send back, with bounded memory, while the reader stops, and goes on when it reads',
    async (stage) => {
      const { near, far } = await stage.ends();
      const { taken, sending } = await stage.fill(near);
      const reader = new Reader(stage, far);
      for (let index = 0; index <= taken; index++) {
        const what = `frame ${index} of ${taken + 1} after the reader went on`;
        expectBytes(await reader.frame(what), sampleBytes(FILL_FRAME_LENGTH, index), what);
      }
      const held = await stage.within(sending, 'the send that was held back');
      expect(held.ok, `the send that was held back failed: ${String(held.error)}`);
      await exchange(stage, near, reader, 7);
    },
  ),

  transportCase('lets one direction run while the reader of the other stops', async (stage) => {
    const { near, far } = await stage.ends();
    await stage.fill(near);
    const reader = new Reader(stage, near);
    for (let index = 0; index < 20; index++) await exchange(stage, far, reader, index);
  }),

  transportCase('lets one connection run while the reader of another stops', async (stage) => {
    const acceptor = await stage.listen(await stage.transport());
    const dialler = await stage.transport();
    const stopped = await stage.connect(dialler, acceptor);
    const running = await stage.connect(dialler, acceptor);
    await stage.fill(stopped.near);
    const reader = new Reader(stage, running.far);
    for (let index = 0; index < 20; index++) await exchange(stage, running.near, reader, index);
  }),

  transportCase('keeps the order of sends that were held back', async (stage) => {
    const { near, far } = await stage.ends();
    const { taken } = await stage.fill(near);
    const more = outcomeOf(Promise.all([1, 2, 3].map((seed) => near.send(sampleBytes(100, seed)))));
    const reader = new Reader(stage, far);
    for (let index = 0; index <= taken; index++) await reader.frame();
    for (const seed of [1, 2, 3]) {
      expectBytes(await reader.frame(), sampleBytes(100, seed), `frame ${seed} of 3 sent while send was held back`);
    }
    expect((await stage.within(more, 'sends that were held back')).ok, 'a send that was held back failed');
  }),
];
