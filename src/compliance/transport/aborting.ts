import { expectCode, expectReason, outcomeOf } from '../expectations.ts';
import { sampleBytes } from '../sample-bytes.ts';
import { exchange } from './frames.ts';
import { Reader, transportCase } from './stage.ts';

/** Cases on the abrupt end of a connection. */
export const abortingCases = [
  transportCase('rejects a pending send with the reason of abort', async (stage) => {
    const { near } = await stage.ends();
    const { sending } = await stage.fill(near);
    near.abort(REASON);
    expectReason(await stage.within(sending, 'the pending send'), REASON, 'the pending send');
  }),

  transportCase('rejects a pending iteration with the reason of abort', async (stage) => {
    const { near } = await stage.ends();
    const reading = outcomeOf(new Reader(stage, near).next());
    near.abort(REASON);
    expectReason(await stage.within(reading, 'the pending iteration'), REASON, 'the pending iteration');
  }),

  transportCase('rejects a pending close with the reason of abort', async (stage) => {
    const { near } = await stage.ends();
    await stage.fill(near);
    const closing = outcomeOf(near.close());
    near.abort(REASON);
    expectReason(await stage.within(closing, 'the pending close'), REASON, 'the pending close');
  }),

  transportCase('rejects every call after abort with its first reason', async (stage) => {
    const { near, far } = await stage.ends();
    await stage.within(far.send(sampleBytes(10, 1)), 'sending');
    near.abort(REASON);
    near.abort(new Error('a second reason'));
    expectReason(await stage.outcome(near.send(sampleBytes(1, 1)), 'a send after abort'), REASON, 'a send after abort');
    expectReason(await stage.outcome(near.close(), 'close after abort'), REASON, 'close after abort');
    expectReason(
      await stage.outcome(new Reader(stage, near).next(), 'iterating after abort'),
      REASON,
      'iterating after abort',
    );
  }),

  transportCase('tells an abort from a close: the peer sees ERR_CONNECTION_LOST', async (stage) => {
    const { near, far } = await stage.ends();
    await stage.within(near.send(sampleBytes(100, 1)), 'sending');
    near.abort(REASON);
    expectCode(await new Reader(stage, far).failure(), 'ERR_CONNECTION_LOST', "the peer's iteration");
  }),

  transportCase('rejects a pending iteration with ERR_CONNECTION_LOST when the peer aborts', async (stage) => {
    const { near, far } = await stage.ends();
    const reading = outcomeOf(new Reader(stage, far).next());
    near.abort(REASON);
    expectCode(await stage.within(reading, 'the pending iteration'), 'ERR_CONNECTION_LOST', 'the pending iteration');
  }),

  transportCase('rejects a pending send with ERR_CONNECTION_LOST when the peer aborts', async (stage) => {
    const { near, far } = await stage.ends();
    const { sending } = await stage.fill(near);
    far.abort(REASON);
    expectCode(await stage.within(sending, 'the pending send'), 'ERR_CONNECTION_LOST', 'the pending send');
    expectCode(
      await stage.outcome(near.send(sampleBytes(1, 1)), 'a later send'),
      'ERR_CONNECTION_LOST',
      'a later send',
    );
  }),

  transportCase('rejects a pending close with ERR_CONNECTION_LOST when the peer aborts', async (stage) => {
    const { near, far } = await stage.ends();
    await stage.fill(near);
    const closing = outcomeOf(near.close());
    far.abort(REASON);
    expectCode(await stage.within(closing, 'the pending close'), 'ERR_CONNECTION_LOST', 'the pending close');
  }),

  transportCase('leaves other connections alone when one is aborted', async (stage) => {
    const acceptor = await stage.listen(await stage.transport());
    const dialler = await stage.transport();
    const aborted = await stage.connect(dialler, acceptor);
    const other = await stage.connect(dialler, acceptor);
    const readers = [new Reader(stage, other.far), new Reader(stage, other.near)] as const;
    await exchange(stage, other.near, readers[0], 1);
    aborted.near.abort(REASON);
    await new Reader(stage, aborted.far).failure();
    await exchange(stage, other.near, readers[0], 2);
    await exchange(stage, other.far, readers[1], 3);
    const third = await stage.connect(dialler, acceptor);
    await exchange(stage, third.near, new Reader(stage, third.far), 4);
  }),
];

const REASON = new Error('aborted by the case');
