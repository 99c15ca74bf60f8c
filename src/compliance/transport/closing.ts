import { expect, expectBytes, expectCode, expectSuccess, outcomeOf } from '../expectations.ts';
import { sampleBytes } from '../sample-bytes.ts';
import { exchange } from './frames.ts';
import { Reader, transportCase } from './stage.ts';

/** Around the 5 s that the contract allows for closing. */
const CLOSE_AT_LEAST_MS = 4_000;
const CLOSE_AT_MOST_MS = 9_000;

/** Cases on the graceful end of a connection. */
export const closingCases = [
  transportCase("delivers all that was sent before close, then ends the peer's iteration", async (stage) => {
    const { near, far } = await stage.ends();
    const sending = Array.from({ length: 50 }, (_, index) => outcomeOf(near.send(sampleBytes(3_000, index))));
    const closing = outcomeOf(near.close());
    const reader = new Reader(stage, far);
    for (let index = 0; index < 50; index++) {
      const what = `frame ${index} of 50 sent before close`;
      expectBytes(await reader.frame(what), sampleBytes(3_000, index), what);
    }
    await reader.end();
    for (const sent of await stage.within(Promise.all(sending), 'sends before close'))
      expectSuccess(sent, 'a send before close');
    expectSuccess(await stage.within(closing, 'close'), 'close');
  }),

  transportCase("resolves close when the peer's transport has everything, read or not", async (stage) => {
    const { near, far } = await stage.ends();
    await stage.within(near.send(sampleBytes(100, 1)), 'sending');
    await stage.within(near.close(), 'close, with one frame that the peer did not read yet');
    const reader = new Reader(stage, far);
    expectBytes(await reader.frame(), sampleBytes(100, 1), 'the frame sent before close');
    await reader.end();
  }),

  transportCase('delivers sends that were held back when close was called', async (stage) => {
    const { near, far } = await stage.ends();
    const { taken, sending } = await stage.fill(near);
    const closing = outcomeOf(near.close());
    const reader = new Reader(stage, far);
    for (let index = 0; index <= taken; index++) await reader.frame(`frame ${index} of ${taken + 1} sent before close`);
    await reader.end();
    expectSuccess(await stage.within(sending, 'the send that was held back'), 'the send that was held back');
    expectSuccess(await stage.within(closing, 'close'), 'close');
  }),

  transportCase('refuses to send after close with ERR_CLOSED', async (stage) => {
    const { near } = await stage.ends();
    const closing = outcomeOf(near.close());
    expectCode(
      await stage.outcome(near.send(sampleBytes(1, 1)), 'a send right after close'),
      'ERR_CLOSED',
      'a send after close',
    );
    await closing;
    expectCode(
      await stage.outcome(near.send(sampleBytes(1, 1)), 'a send after close'),
      'ERR_CLOSED',
      'a send after close',
    );
  }),

  transportCase('gives every call of close the same outcome', async (stage) => {
    const { near, far } = await stage.ends();
    const first = near.close();
    const second = near.close();
    await stage.within(Promise.all([first, second]), 'two calls of close at once');
    await stage.within(near.close(), 'a later call of close');
    await new Reader(stage, far).end();
    await stage.within(far.close(), "the peer's close");
    await stage.within(near.close(), 'a call of close after both sides closed');
    await stage.within(near[Symbol.asyncDispose](), 'disposing after close');
  }),

  transportCase('goes on to yield what the peer sends after our own close, until the peer closes', async (stage) => {
    const { near, far } = await stage.ends();
    await stage.within(near.close(), 'close');
    await new Reader(stage, far).end();
    const reader = new Reader(stage, near);
    for (let seed = 0; seed < 5; seed++) await exchange(stage, far, reader, seed);
    await stage.within(far.close(), "the peer's close");
    await reader.end();
  }),

  transportCase('closes cleanly where both sides close at the same time', async (stage) => {
    const { near, far } = await stage.ends();
    await stage.within(Promise.all([near.close(), far.close()]), 'close of both sides at once');
    await new Reader(stage, near).end();
    await new Reader(stage, far).end();
  }),

  transportCase('ends an iteration that waits when the peer closes', async (stage) => {
    const { near, far } = await stage.ends();
    const reading = new Reader(stage, far).end();
    await stage.within(near.close(), 'close');
    await reading;
  }),

  transportCase('closes when it is disposed of', async (stage) => {
    const { near, far } = await stage.ends();
    await stage.within(near.send(sampleBytes(10, 1)), 'sending');
    await stage.within(near[Symbol.asyncDispose](), 'disposing');
    const reader = new Reader(stage, far);
    await reader.frame();
    await reader.end();
  }),

  transportCase('gives close up with ERR_CLOSE_TIMEOUT after 5 s where the peer reads nothing', async (stage) => {
    const { near, far } = await stage.ends();
    const { sending } = await stage.fill(near);
    const started = stage.fixture.clock.now();
    const closed = await stage.outcome(near.close(), 'close');
    const took = stage.fixture.clock.now() - started;
    expectCode(closed, 'ERR_CLOSE_TIMEOUT', 'close');
    expect(took >= CLOSE_AT_LEAST_MS && took <= CLOSE_AT_MOST_MS, `close was given up after ${took} ms`);
    expectCode(await stage.within(sending, 'the send held back'), 'ERR_CLOSE_TIMEOUT', 'the send that was held back');
    expectCode(await stage.outcome(near.close(), 'close again'), 'ERR_CLOSE_TIMEOUT', 'close again');
    expectCode(await new Reader(stage, far).failure(), 'ERR_CONNECTION_LOST', "the peer's iteration");
  }),

  transportCase('ends by itself what the peer leaves open for more than 5 s after our close', async (stage) => {
    const { near } = await stage.ends();
    const reading = outcomeOf(new Reader(stage, near).next());
    await stage.within(near.close(), 'close');
    const read = await stage.within(reading, 'the iteration, which the peer never ends,');
    expectCode(read, 'ERR_CONNECTION_LOST', 'the iteration, which the peer never ends,');
  }),
];
