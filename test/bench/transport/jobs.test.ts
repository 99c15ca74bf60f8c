import { FrameContent, FrameContents } from '../../../src/bench/transport/frame-content.ts';
import { JobClient } from '../../../src/bench/transport/job-client.ts';
import type { Pipe } from '../../../src/bench/transport/pipe.ts';
import { serveJobs } from '../../../src/bench/transport/serve-jobs.ts';
import { VirtualClock } from '../../../src/kit/virtual-clock.ts';
import { memory, MemoryNetwork } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';

const SEED = 7;

/** Both ends of a connection in memory; `spoil` sees each frame that the near end sends, and may drop it or send another. */
async function connect(spoil: (frame: Uint8Array, index: number) => Uint8Array | undefined = (frame) => frame) {
  const use = memory({ network: new MemoryNetwork() });
  const listener = await createPlugin(use).listen('127.0.0.1:0');
  const accepting = listener[Symbol.asyncIterator]().next();
  const near = await createPlugin(use).dial(listener.address);
  const far = (await accepting).value as Pipe;
  let index = 0;
  const pipe: Pipe = {
    send: async (frame) => {
      const sent = spoil(new Uint8Array(frame), index++);
      if (sent !== undefined) await near.send(sent);
    },
    close: () => near.close(),
    abort: (reason) => near.abort(reason),
    [Symbol.asyncIterator]: () => near[Symbol.asyncIterator](),
  };
  let cpu = 0;
  const cpuSeconds = () => cpu++;
  const serving = serveJobs(far, { contents: new FrameContents(), cpuSeconds });
  // What ends it the near end hears of too.
  serving.catch(() => undefined);
  const open = (over = pipe) => new JobClient({ pipe: over, seed: SEED, clock: new VirtualClock(), cpuSeconds });
  return { open, pipe, serving };
}

describe('frames of a measurement', () => {
  test('are known by both ends from the seed, and differ in number, in seed, and in length', () => {
    const frame = new FrameContent(64, 1).frame(5).slice();
    expect(() => new FrameContent(64, 1).check(frame, 5)).not.toThrow();
    expect(() => new FrameContent(64, 1).check(frame, 6)).toThrow('frame 6 holds other bytes');
    expect(() => new FrameContent(64, 2).check(frame, 5)).toThrow('frame 5 holds other bytes');
    expect(() => new FrameContent(65, 1).check(frame, 5)).toThrow('has 64 bytes instead of 65');
  });

  test.each([0, 4, 63])('are not what was sent where byte %d differs', (place) => {
    const frame = new FrameContent(64, 1).frame(5).slice();
    frame[place]! ^= 1;
    expect(() => new FrameContent(64, 1).check(frame, 5)).toThrow('holds other bytes');
  });
});

describe('the two ends of a measurement', () => {
  test('give frames of several lengths and exchange them, job after job, over one pipe', async () => {
    const { open, pipe, serving } = await connect();
    const client = open();
    for (const length of [4, 64, 70_000]) {
      expect(await client.give({ frames: 5, length })).toMatchObject({
        takingCpuSeconds: expect.any(Number) as number,
      });
      expect(await client.exchange({ frames: 9, length, inFlight: 1 })).toBeGreaterThanOrEqual(0);
      expect(await client.exchange({ frames: 9, length, inFlight: 4 })).toBeGreaterThanOrEqual(0);
    }
    expect(await client.exchange({ frames: 3, length: 64, inFlight: 64 })).toBeGreaterThanOrEqual(0);
    await pipe.close();
    await serving;
  });

  test('count the processor time of each side over the job alone', async () => {
    const client = (await connect()).open();
    // Each call of the counter adds one: between two calls of one side the other may have called.
    const { givingCpuSeconds, takingCpuSeconds } = await client.give({ frames: 2, length: 64 });
    expect(givingCpuSeconds).toBeGreaterThan(takingCpuSeconds);
    expect(takingCpuSeconds).toBe(1);
  });

  test('keep no more frames in flight than asked for', async () => {
    let sent = 0;
    let most = 0;
    let back = 0;
    const { open, pipe } = await connect((frame) => {
      sent += 1;
      most = Math.max(most, sent - back);
      return frame;
    });
    const counting: Pipe = {
      ...pipe,
      [Symbol.asyncIterator]: () => {
        const frames = pipe[Symbol.asyncIterator]();
        return { next: () => frames.next().finally(() => (back += 1)) };
      },
    };
    await open(counting).exchange({ frames: 40, length: 64, inFlight: 8 });
    // The frame with the job is one more.
    expect(most).toBe(9);
  });

  test.each([
    ['changed', (frame: Uint8Array) => frame.fill(1), 'frame 2 holds other bytes than were sent'],
    ['cut short', (frame: Uint8Array) => frame.subarray(1), 'frame 2 has 63 bytes instead of 64'],
    ['left out', () => undefined, 'frame 2 holds other bytes than were sent'],
  ])('fail where a frame arrives %s', async (_how, spoil, problem) => {
    // The first frame asks for the job.
    const client = (await connect((frame, index) => (index === 3 ? spoil(frame) : frame))).open();
    await expect(client.give({ frames: 5, length: 64 })).rejects.toThrow(problem);
  });

  test('fail where an exchanged frame is changed on its way', async () => {
    const client = (await connect((frame, index) => (index === 2 ? frame.fill(1) : frame))).open();
    await expect(client.exchange({ frames: 5, length: 64, inFlight: 1 })).rejects.toThrow('frame 1 holds other bytes');
  });

  test('fail where the connection ends in the middle', async () => {
    const { open, pipe } = await connect();
    const giving = open().exchange({ frames: 1_000, length: 64, inFlight: 1 });
    pipe.abort(new Error('cut'));
    await expect(giving).rejects.toThrow('cut');
  });
});
