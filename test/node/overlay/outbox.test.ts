import { encodeMessage } from '../../../src/node/messages/codec.ts';
import { Outbox } from '../../../src/node/overlay/outbox.ts';
import { timnOf } from './support/neighbour.ts';

function takeAll(outbox: Outbox): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let frame = outbox.take(); frame !== undefined; frame = outbox.take()) frames.push(frame);
  return frames;
}

const LIMIT = expect.objectContaining({ code: 'ERR_LIMIT' }) as Error;

describe('an outbox', () => {
  test('gives what goes first, then what it was released with, then frames in the order they came', () => {
    const outbox = new Outbox();
    const [first, second, urgent] = [new Uint8Array([1]), new Uint8Array([2]), new Uint8Array([3])];
    outbox.add([first]);
    outbox.release([timnOf(1), timnOf(2)]);
    outbox.addFirst(urgent);
    outbox.add([second]);
    expect(takeAll(outbox)).toEqual([urgent, encodeMessage(timnOf(1)), encodeMessage(timnOf(2)), first, second]);
  });

  test('gives only what goes first while it is held', () => {
    const outbox = new Outbox();
    const [held, urgent] = [new Uint8Array([1]), new Uint8Array([2])];
    outbox.hold();
    outbox.add([held]);
    outbox.addFirst(urgent);
    expect(takeAll(outbox)).toEqual([urgent]);
    outbox.release([]);
    expect(takeAll(outbox)).toEqual([held]);
  });

  test('keeps the order over more than it compacts at once', () => {
    const outbox = new Outbox();
    const numbers = Array.from({ length: 5_000 }, (_, index) => index);
    const taken: number[] = [];
    for (const number of numbers) {
      outbox.add([new Uint8Array([number >> 8, number & 255])]);
      if (number % 3 === 2) taken.push(...takeOne(outbox));
    }
    taken.push(...takeAll(outbox).map(toNumber));
    expect(taken).toEqual(numbers);
  });

  test('takes no more than 32 MiB, and again as much once that is taken', () => {
    const outbox = new Outbox();
    const fill = () => {
      for (let count = 0; count < 31; count++) outbox.add([new Uint8Array(1024 * 1024)]);
    };
    fill();
    takeAll(outbox);
    fill();
    expect(fill).toThrow(LIMIT);
  });

  test('counts what a frame costs beside its bytes', () => {
    const outbox = new Outbox();
    const empty = new Uint8Array(0);
    expect(() => {
      for (let count = 0; count < 300_000; count++) outbox.add([empty]);
    }).toThrow(LIMIT);
  });
});

function takeOne(outbox: Outbox): number[] {
  const frame = outbox.take();
  return frame === undefined ? [] : [toNumber(frame)];
}

function toNumber(frame: Uint8Array): number {
  return ((frame[0] as number) << 8) | (frame[1] as number);
}
