import { link } from '../../../src/bench/link/index.ts';
import {
  openPiping,
  ownCongestion,
  PLAIN_DATAGRAMS,
  PLAIN_TCP,
  udxWhereInstalled,
  type LinkContender,
} from '../../../src/bench/link/contenders.ts';
import { FrameContents } from '../../../src/bench/transport/frame-content.ts';
import { JobClient } from '../../../src/bench/transport/job-client.ts';
import type { Pipe } from '../../../src/bench/transport/pipe.ts';
import { serveJobs } from '../../../src/bench/transport/serve-jobs.ts';
import { systemClock } from '../../../src/kit/index.ts';
import { benchContext } from '../support/bench-context.ts';

const context = benchContext(link);

test('transports that share a path by their own rules are measured under each of them', () => {
  expect(ownCongestion(context).map(({ name }) => name)).toEqual(['mrt-udp, bbr', 'mrt-udp, cubic']);
});

async function connect(contender: LinkContender) {
  const [far, near] = [await openPiping(contender, context), await openPiping(contender, context)];
  const listener = await far.listen(far.parse('127.0.0.1:0'));
  const accepting = listener[Symbol.asyncIterator]().next();
  const pipe = await near.dial(listener.address);
  const client = new JobClient({ pipe, seed: 1, clock: systemClock(), cpuSeconds: () => 0 });
  const serving = accepting.then(({ value }) =>
    serveJobs(value as Pipe, { contents: new FrameContents(), cpuSeconds: () => 0 }),
  );
  const close = async () => {
    pipe.abort(new Error('done'));
    // Whether it ends or breaks is not what is tried here.
    await serving.catch(() => undefined);
    await listener.close();
  };
  return { client, close };
}

test('the package udx-native carries frames both ways', async () => {
  const [udx] = await udxWhereInstalled();
  const { client, close } = await connect(udx!);
  await client.give({ frames: 40, length: 64 * 1_024 });
  await client.exchange({ frames: 100, length: 64, inFlight: 16 });
  await close();
});

test('plain TCP carries frames both ways', async () => {
  const { client, close } = await connect(PLAIN_TCP);
  await client.exchange({ frames: 100, length: 64, inFlight: 16 });
  await close();
});

test('bare datagrams carry short frames both ways', async () => {
  const contender = PLAIN_DATAGRAMS;
  const [far, near] = [await openPiping(contender, context), await openPiping(contender, context)];
  const listener = await far.listen(far.parse('127.0.0.1:0'));
  const pipe = await near.dial(listener.address);
  const frames = pipe[Symbol.asyncIterator]();
  await pipe.send(new Uint8Array([1, 2]));
  const accepted = (await listener[Symbol.asyncIterator]().next()).value as Pipe;
  const there = (await accepted[Symbol.asyncIterator]().next()).value as Uint8Array;
  expect([...there]).toEqual([1, 2]);
  await accepted.send(there);
  expect([...((await frames.next()).value as Uint8Array)]).toEqual([1, 2]);
  await Promise.all([pipe.close(), listener.close()]);
});
