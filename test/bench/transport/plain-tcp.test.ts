import { plainTcp } from '../../../src/bench/transport/plain-tcp.ts';
import type { Pipe } from '../../../src/bench/transport/pipe.ts';
import { seededRandom } from '../../../src/kit/seeded-random.ts';

async function connect() {
  const piping = plainTcp();
  const listener = await piping.listen(piping.parse('127.0.0.1:0'));
  const accepting = listener[Symbol.asyncIterator]().next();
  const near = await piping.dial(listener.address);
  const far = (await accepting).value as Pipe;
  return { near, far, listener };
}

test('carries whole frames of every length in order, both ways, and ends with the sender', async () => {
  const { near, far, listener } = await connect();
  const random = seededRandom(1);
  const frames = [0, 1, 64, 16 * 1024, 16 * 1024 + 1, 1024 * 1024, 3].map((length) => random.bytes(length));
  const [atNear, atFar] = [near[Symbol.asyncIterator](), far[Symbol.asyncIterator]()];
  for (const frame of frames) {
    const sending = near.send(frame);
    const arrived = await atFar.next();
    await Promise.all([sending, far.send(arrived.value as Uint8Array)]);
    const back = await atNear.next();
    expect(Buffer.compare(back.value as Uint8Array, frame)).toBe(0);
  }
  await near.close();
  expect((await atFar.next()).done).toBe(true);
  expect((await atNear.next()).done).toBe(true);
  await listener.close();
});

test('makes the sender wait while the receiver takes nothing', async () => {
  const { near, far, listener } = await connect();
  const frame = new Uint8Array(1024 * 1024);
  let taken = 0;
  const sending = (async () => {
    for (let count = 0; count < 64; count++) {
      await near.send(frame);
      taken += 1;
    }
    await near.close();
  })();
  const frames = far[Symbol.asyncIterator]();
  await frames.next();
  expect(taken).toBeLessThan(64);
  while ((await frames.next()).done !== true);
  await sending;
  await far.close();
  await listener.close();
});
