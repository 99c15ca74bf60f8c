import { MAX_FRAME_LENGTH } from '../../kernel/index.ts';
import { expect, expectBytes, expectCode, expectEqual, expectSuccess, outcomeOf } from '../expectations.ts';
import { lengthLadder, sampleBytes } from '../sample-bytes.ts';
import { Reader, transportCase, type TransportStage } from './stage.ts';
import type { Connection } from '../../kernel/index.ts';

const MANY_CONNECTIONS = 32;
const MANY_FRAMES = 300;

/** Cases on what a connection carries. */
export const frameCases = [
  transportCase('carries frames of every size from 0 to the maximum unchanged', async (stage) => {
    const transport = await stage.transport();
    expect(
      transport.maxFrameLength >= MAX_FRAME_LENGTH,
      `maxFrameLength is ${transport.maxFrameLength}, less than ${MAX_FRAME_LENGTH}`,
    );
    const { near, far } = await stage.ends();
    const reader = new Reader(stage, far);
    for (const length of lengthLadder(transport.maxFrameLength)) {
      const sending = outcomeOf(near.send(sampleBytes(length, 1)));
      expectBytes(
        await reader.frame(`receiving ${length} bytes`),
        sampleBytes(length, 1),
        `a frame of ${length} bytes`,
      );
      expectSuccess(await stage.within(sending, `sending ${length} bytes`), `sending ${length} bytes`);
    }
  }),

  transportCase(
    'refuses a frame over the maximum with ERR_FRAME_TOO_LARGE, and the connection lives',
    async (stage) => {
      const { maxFrameLength } = await stage.transport();
      const { near, far } = await stage.ends();
      const reader = new Reader(stage, far);
      for (const excess of [1, 4_096]) {
        const sent = await stage.outcome(
          near.send(new Uint8Array(maxFrameLength + excess)),
          'sending too large a frame',
        );
        expectCode(sent, 'ERR_FRAME_TOO_LARGE', `sending ${excess} bytes more than the maximum`);
      }
      await exchange(stage, near, reader, 2);
      await exchange(stage, far, new Reader(stage, near), 3);
    },
  ),

  transportCase('keeps the order of frames sent without waiting, each once', async (stage) => {
    const { near, far } = await stage.ends();
    await carryMany(stage, near, far, 1);
  }),

  transportCase('carries frames in both directions at once', async (stage) => {
    const { near, far } = await stage.ends();
    await Promise.all([carryMany(stage, near, far, 1), carryMany(stage, far, near, 2)]);
  }),

  transportCase('carries many connections at once without mixing them', async (stage) => {
    const acceptor = await stage.listen(await stage.transport());
    const dialler = await stage.transport();
    const { address } = acceptor.listener;
    const dialling = Array.from({ length: MANY_CONNECTIONS }, async (_, index) => {
      const near = stage.keep(await stage.within(dialler.dial(address), `dial ${index} of ${MANY_CONNECTIONS}`));
      await stage.within(near.send(Uint8Array.of(index)), 'sending the number of the connection');
      await carry(stage, near, index);
    });
    const numbers = new Set<number>();
    const serving: Promise<void>[] = [];
    for (let taken = 0; taken < MANY_CONNECTIONS; taken++) {
      const reader = new Reader(stage, await acceptor.take());
      serving.push(
        (async () => {
          const number = (await reader.frame())[0] ?? -1;
          numbers.add(number);
          await expectMany(reader, number);
        })(),
      );
    }
    await Promise.all([...dialling, ...serving]);
    expectEqual(numbers.size, MANY_CONNECTIONS, 'connections told apart');
  }),

  transportCase('leaves the frame to the caller once send has resolved', async (stage) => {
    const { near, far } = await stage.ends();
    const frame = sampleBytes(2_000, 4);
    await stage.within(near.send(frame), 'sending');
    frame.fill(0);
    expectBytes(
      await new Reader(stage, far).frame(),
      sampleBytes(2_000, 4),
      'the frame sent before it was overwritten',
    );
  }),

  transportCase('gives each received frame to the receiver, who may change it', async (stage) => {
    const { near, far } = await stage.ends();
    const reader = new Reader(stage, far);
    const sent = [sampleBytes(1_000, 5), sampleBytes(1_000, 6)];
    const sending = outcomeOf(Promise.all(sent.map((frame) => near.send(frame))));
    const first = await reader.frame();
    new Uint8Array(first.buffer, first.byteOffset, first.length).fill(0);
    expectBytes(await reader.frame(), sampleBytes(1_000, 6), 'the frame after one that the receiver overwrote');
    expect((await sending).ok, 'sending failed');
    expectBytes(
      sent[0] ?? new Uint8Array(),
      sampleBytes(1_000, 5),
      "the sender's own frame, overwritten by the receiver",
    );
  }),
];

/** One frame from one end to the other. */
export async function exchange(stage: TransportStage, from: Connection, reader: Reader, seed: number): Promise<void> {
  const sending = outcomeOf(from.send(sampleBytes(777, seed)));
  expectBytes(await reader.frame(), sampleBytes(777, seed), 'the frame');
  expectSuccess(await stage.within(sending, 'sending'), 'sending');
}

async function carryMany(stage: TransportStage, from: Connection, to: Connection, seed: number): Promise<void> {
  await Promise.all([carry(stage, from, seed), expectMany(new Reader(stage, to), seed)]);
}

async function carry(stage: TransportStage, from: Connection, seed: number): Promise<void> {
  const sending = Array.from({ length: MANY_FRAMES }, (_, index) => from.send(manyFrame(index, seed)));
  await stage.within(Promise.all(sending), `sending ${MANY_FRAMES} frames`);
}

async function expectMany(reader: Reader, seed: number): Promise<void> {
  for (let index = 0; index < MANY_FRAMES; index++) {
    const what = `frame ${index} of ${MANY_FRAMES}`;
    expectBytes(await reader.frame(what), manyFrame(index, seed), what);
  }
}

/** Small frames of many lengths, some empty, now and then a larger one. */
function manyFrame(index: number, seed: number): Uint8Array {
  return sampleBytes(index % 50 === 49 ? 20_000 : (index * 37) % 1_500, seed * 1_000 + index);
}
