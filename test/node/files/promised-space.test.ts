import { errorCode } from '../../../src/kernel/index.ts';
import { VirtualClock } from '../../../src/kit/virtual-clock.ts';
import { PromisedSpace } from '../../../src/node/files/promised-space.ts';

function createSpace(free: number) {
  const clock = new VirtualClock();
  const disk = { free, asked: 0 };
  const freeBytes = async () => {
    disk.asked++;
    return disk.free;
  };
  return { clock, disk, space: new PromisedSpace({ freeBytes }, clock) };
}

const codeOf = (work: Promise<unknown>) => work.then(() => undefined, errorCode);

describe('PromisedSpace', () => {
  test('promises no byte twice', async () => {
    const { space } = createSpace(100);
    const first = await space.promise('a', 60);
    expect(await codeOf(space.promise('b', 60))).toBe('ERR_DISK_FULL');
    first.end();
    await space.promise('b', 60);
  });

  test('asks the disk once for many files of a moment, and again after it', async () => {
    const { clock, disk, space } = createSpace(100);
    await Promise.all([space.promise('a', 10), space.promise('b', 10)]);
    await space.promise('c', 10);
    expect(disk.asked).toBe(1);
    await clock.advance(100);
    await space.promise('d', 10);
    expect(disk.asked).toBe(2);
  });

  test('counts what was written since it asked', async () => {
    const { disk, space } = createSpace(100);
    const first = await space.promise('a', 60);
    first.release(60);
    first.end();
    disk.free = 40;
    expect(await codeOf(space.promise('b', 60))).toBe('ERR_DISK_FULL');
    await space.promise('c', 40);
  });

  test('refuses nothing by what it knew a moment ago', async () => {
    const { disk, space } = createSpace(10);
    await space.promise('a', 10);
    disk.free = 100;
    await space.promise('b', 60);
    expect(disk.asked).toBe(2);
  });
});
