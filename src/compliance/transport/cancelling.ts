import { getEventListeners } from 'node:events';
import { expect, expectBytes, expectEqual, expectReason, outcomeOf } from '../expectations.ts';
import { sampleBytes } from '../sample-bytes.ts';
import { exchange } from './frames.ts';
import { Reader, transportCase } from './stage.ts';

/** Cases on calls that are given up by their signal. */
export const cancellingCases = [
  transportCase('rejects calls whose signal is aborted already, and changes nothing', async (stage) => {
    const signal = AbortSignal.abort(REASON);
    const transport = await stage.transport();
    const listened = await stage.outcome(transport.listen(stage.fixture.address(), { signal }), 'listen');
    expectReason(listened, REASON, 'listen');
    const acceptor = await stage.listen(transport);
    const dialler = await stage.transport();
    expectReason(await stage.outcome(dialler.dial(acceptor.listener.address, { signal }), 'dial'), REASON, 'dial');
    const { near, far } = await stage.connect(dialler, acceptor);
    expectReason(await stage.outcome(near.send(sampleBytes(9, 1), { signal }), 'send'), REASON, 'send');
    await exchange(stage, near, new Reader(stage, far), 2);
  }),

  transportCase('gives up a dial by its signal, and the next dial succeeds', async (stage) => {
    const acceptor = await stage.listen(await stage.transport());
    const dialler = await stage.transport();
    const controller = new AbortController();
    const dialling = outcomeOf(dialler.dial(acceptor.listener.address, { signal: controller.signal }));
    controller.abort(REASON);
    expectReason(await stage.within(dialling, 'the dial given up'), REASON, 'the dial given up');
    const next = outcomeOf(
      dialler.dial(acceptor.listener.address).then((near) => near.send(sampleBytes(5, 5)).then(() => near)),
    );
    // The dial given up may have arrived: then what was accepted for it ends without a frame.
    for (let taken = 0; taken < 2; taken++) {
      const received = await outcomeOf(new Reader(stage, await acceptor.take()).frame());
      if (!received.ok) continue;
      expectBytes(received.value, sampleBytes(5, 5), 'the frame of the second dial');
      break;
    }
    const dialled = await stage.within(next, 'the dial after one that was given up');
    expect(dialled.ok, `the dial after one that was given up failed: ${String(dialled.error)}`);
    stage.keep(dialled.value);
  }),

  transportCase(
    'gives up a send that is held back by its signal: the frame comes whole or not at all',
    async (stage) => {
      const { near, far } = await stage.ends();
      const { taken } = await stage.fill(near);
      const controller = new AbortController();
      const givenUp = outcomeOf(near.send(sampleBytes(500, 8), { signal: controller.signal }));
      const later = outcomeOf(near.send(sampleBytes(600, 9)));
      controller.abort(REASON);
      expectReason(await stage.within(givenUp, 'the send given up'), REASON, 'the send given up');
      const reader = new Reader(stage, far);
      for (let index = 0; index <= taken; index++) await reader.frame();
      let frame = await reader.frame();
      if (frame.length === 500) {
        expectBytes(frame, sampleBytes(500, 8), 'the frame whose send was given up');
        frame = await reader.frame();
      }
      expectBytes(frame, sampleBytes(600, 9), 'the frame sent after one that was given up');
      expect((await stage.within(later, 'the later send')).ok, 'the send after one that was given up failed');
    },
  ),

  transportCase('gives up a close by its signal', async (stage) => {
    const { near } = await stage.ends();
    await stage.fill(near);
    const controller = new AbortController();
    const closing = outcomeOf(near.close({ signal: controller.signal }));
    controller.abort(REASON);
    expectReason(await stage.within(closing, 'the close given up'), REASON, 'the close given up');
  }),

  transportCase('lets go of a signal when the call has settled', async (stage) => {
    const controller = new AbortController();
    const { signal } = controller;
    const acceptor = await stage.listen(await stage.transport());
    const dialler = await stage.transport();
    const dialling = outcomeOf(dialler.dial(acceptor.listener.address, { signal }));
    const far = await acceptor.take();
    const dialled = await stage.within(dialling, 'dialling');
    expect(dialled.ok, `dialling failed: ${String(dialled.error)}`);
    const near = stage.keep(dialled.value);
    const reader = new Reader(stage, far);
    for (let seed = 0; seed < 10; seed++) {
      const sending = outcomeOf(near.send(sampleBytes(10, seed), { signal }));
      await reader.frame();
      await sending;
    }
    expectEqual(
      getEventListeners(signal, 'abort').length,
      0,
      'listeners left on the signal of calls that have settled',
    );
    controller.abort(REASON);
    await exchange(stage, near, reader, 11);
  }),
];

const REASON = new Error('given up by the case');
