import { MemoryDisk } from '../../src/kit/memory-disk.ts';
import { VirtualClock } from '../../src/kit/virtual-clock.ts';
import { wrappedDisk } from '../../src/sim/network/wrapped-disk.ts';

test('a disk that is wrapped writes all arrays that are written at once', async () => {
  const memory = new MemoryDisk({ clock: new VirtualClock() });
  const disk = wrappedDisk(memory, { around: (operation) => operation(), watch: memory.watch.bind(memory) });
  await using file = await disk.open('a', 'create');
  await file.write(1, [Uint8Array.of(1), Uint8Array.of(2, 3), Uint8Array.of(4)]);
  expect(await file.read(0, 10)).toEqual(Uint8Array.of(0, 1, 2, 3, 4));
});
