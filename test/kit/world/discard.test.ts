import { discard } from '../../../src/kit/index.ts';

const LONG = 64 * 1024;

describe('discard', () => {
  test('takes the memory of a long array away at once', () => {
    const bytes = new Uint8Array(Buffer.allocUnsafeSlow(LONG).buffer);
    const other = bytes.subarray(1);
    discard(bytes);
    expect([bytes.length, other.length, bytes.buffer.byteLength]).toEqual([0, 0, 0]);
  });

  test('takes the bytes before an array with it where told how many are its own', () => {
    const memory = new Uint8Array(LONG);
    discard(memory.subarray(26), 26);
    expect(memory).toHaveLength(0);
  });

  test.each<[string, (memory: Uint8Array) => Uint8Array, number]>([
    ['bytes before it', (memory) => memory.subarray(1), 0],
    ['other bytes before it than was told', (memory) => memory.subarray(27), 26],
    ['bytes behind it', (memory) => memory.subarray(0, LONG - 1), 0],
    ['bytes behind it, beside those before it', (memory) => memory.subarray(26, LONG - 1), 26],
  ])('leaves an array alone that shares its memory with %s', (_, part, head) => {
    const memory = new Uint8Array(LONG).fill(7);
    discard(part(memory), head);
    expect(memory).toEqual(new Uint8Array(LONG).fill(7));
  });

  test('leaves a short array to the garbage collector', () => {
    const bytes = new Uint8Array(1_000);
    discard(bytes);
    expect(bytes).toHaveLength(1_000);
  });
});
