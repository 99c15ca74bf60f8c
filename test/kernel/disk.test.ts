import type { DiskFile } from '../../src/kernel/index.ts';

type Fits<Write> = Write extends DiskFile['write'] ? true : false;

describe('DiskFile', () => {
  test('is not what writes one array only, by its type', () => {
    const one: Fits<(position: number, bytes: Uint8Array) => Promise<void>> = false;
    const each: Fits<(position: number, ...parts: readonly Uint8Array[]) => Promise<void>> = false;
    const all: Fits<(position: number, parts: readonly Uint8Array[]) => Promise<void>> = true;
    expect([one, each, all]).toEqual([false, false, true]);
  });
});
