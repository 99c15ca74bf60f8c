import { errorCode, type DiskFile, type Random } from '../../src/kernel/index.ts';
import { MemoryDisk } from '../../src/kit/memory-disk.ts';
import { seededRandom } from '../../src/kit/seeded-random.ts';
import { VirtualClock } from '../../src/kit/virtual-clock.ts';
import { diskContract } from './disk-contract.ts';

const codeOf = (work: Promise<unknown>) => work.then(() => undefined, errorCode);
const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (disk: MemoryDisk, path: string) => new TextDecoder().decode(disk.peek(path));

async function write(disk: MemoryDisk, path: string, content: string, { sync = false } = {}): Promise<DiskFile> {
  const file = await disk.open(path, 'write');
  await file.write(0, [bytes(content)]);
  if (sync) await file.sync();
  return file;
}

describe('MemoryDisk', () => {
  const create = async () => {
    const disk = new MemoryDisk();
    return { disk, link: async (path: string) => disk.addLink(path) };
  };
  for (const { name, run } of diskContract) test(name, () => run({ create }));

  test('dates changes by its clock, and no two alike where that stands still', async () => {
    const clock = new VirtualClock({ wallTime: 5_000 });
    const disk = new MemoryDisk({ clock });
    disk.put('a', 'one');
    const first = (await disk.stat('a'))?.modifiedMs ?? 0;
    disk.put('a', 'two');
    const second = (await disk.stat('a'))?.modifiedMs ?? 0;
    await clock.advance(1_000);
    disk.put('a', 'six');
    expect(first).toBeGreaterThanOrEqual(5_000);
    expect(second).toBeGreaterThan(first);
    expect((await disk.stat('a'))?.modifiedMs).toBe(6_000);
  });

  test('shows what a person puts there, whole, and tells the watch', async () => {
    const disk = new MemoryDisk();
    disk.put('d/a', 'a long content');
    const names = disk.watch('d', { signal: new AbortController().signal })[Symbol.asyncIterator]();
    const next = names.next();
    disk.put('d/a', 'short');
    expect((await next).value).toBe('a');
    expect(textOf(disk, 'd/a')).toBe('short');
    expect(disk.peek('d/b')).toBeUndefined();
  });

  test('is full at its capacity, and has room again after a removal', async () => {
    const disk = new MemoryDisk({ capacity: 10 });
    await using file = await write(disk, 'a', '12345678');
    expect(await disk.freeBytes()).toBe(2);
    expect(await codeOf(file.write(8, [bytes('901')]))).toBe('ERR_DISK_FULL');
    expect(await codeOf(file.truncate(11))).toBe('ERR_DISK_FULL');
    await file.write(0, [bytes('abcdefgh90')]);
    await disk.remove('a');
    await write(disk, 'b', '1234567890');
    disk.capacity = 5;
    expect(await disk.freeBytes()).toBe(0);
  });

  test('denies a path and what is below, open files included, until it is mended', async () => {
    const disk = new MemoryDisk();
    disk.put('d/a', 'x');
    await using file = await disk.open('d/a', 'read');
    disk.breakPath('d');
    const attempts = () =>
      Promise.all([
        codeOf(disk.open('d/a', 'read')),
        codeOf(file.read(0, 1)),
        codeOf(disk.list('d')),
        codeOf(disk.stat('d/a')),
        codeOf(disk.remove('d/a')),
        codeOf(disk.rename('d/a', 'b', { replace: true })),
        codeOf(disk.makeDirectory('d/e')),
      ]);
    expect(new Set(await attempts())).toEqual(new Set(['ERR_ACCESS_DENIED']));
    expect((await disk.stat('d'))?.kind).toBe('directory');
    disk.mendPath('d');
    expect(await codeOf(file.read(0, 1))).toBeUndefined();
  });

  test('fails with the code it is told to', async () => {
    const disk = new MemoryDisk();
    disk.put('a', 'x');
    await using file = await disk.open('a', 'read');
    disk.breakPath('a', 'ERR_DISK');
    expect(await codeOf(file.read(0, 1))).toBe('ERR_DISK');
  });

  test('cannot hold the names it is told of', async () => {
    const disk = new MemoryDisk({ isStorable: (name) => !name.includes(':') });
    expect(await codeOf(disk.open('a:b', 'create'))).toBe('ERR_NAME_NOT_STORABLE');
    expect(await codeOf(disk.makeDirectory('d/a:b/c'))).toBe('ERR_NAME_NOT_STORABLE');
  });

  describe('when the power fails', () => {
    test('keeps what was synced and loses the rest', async () => {
      const disk = new MemoryDisk();
      const file = await write(disk, 'a', 'synced', { sync: true });
      await file.write(0, [bytes('not synced')]);
      await write(disk, 'b', 'never synced');
      disk.crash();
      expect(textOf(disk, 'a')).toBe('synced');
      expect(await disk.stat('b')).toBeUndefined();
    });

    test('keeps a rename, but of the content only what was synced before', async () => {
      const disk = new MemoryDisk();
      await write(disk, 'a', 'synced', { sync: true });
      await write(disk, 'b', 'not synced');
      await disk.rename('a', 'd/a', { replace: false });
      await disk.rename('b', 'd/b', { replace: false });
      disk.crash();
      expect((await disk.list('')).map(({ name }) => name)).toEqual(['d']);
      expect([textOf(disk, 'd/a'), textOf(disk, 'd/b')]).toEqual(['synced', '']);
    });

    test('keeps the new name of what was moved from a place that is cleared after that, and may bring the old one back', async () => {
      const disk = new MemoryDisk();
      await disk.makeDirectory('scratch');
      await write(disk, 'scratch/a', 'synced', { sync: true });
      await disk.rename('scratch/a', 'a', { replace: false, scratch: true });
      disk.crash();
      expect([textOf(disk, 'a'), textOf(disk, 'scratch/a')]).toEqual(['synced', 'synced']);
    });

    test('brings back what was removed and whose directory was not synced since', async () => {
      const disk = new MemoryDisk();
      disk.put('a', 'x');
      await disk.remove('a');
      disk.crash();
      expect(textOf(disk, 'a')).toBe('x');
    });

    test('takes open files and watches with it', async () => {
      const disk = new MemoryDisk();
      const file = await write(disk, 'a', 'x', { sync: true });
      const next = disk.watch('', { signal: new AbortController().signal })[Symbol.asyncIterator]().next();
      disk.crash();
      expect(await codeOf(file.read(0, 1))).toBe('ERR_DISK');
      expect((await next).done).toBe(true);
      expect(await codeOf(disk.open('a', 'read'))).toBeUndefined();
    });

    test('may leave some of the writes since the last sync, and the last of them torn', async () => {
      const disk = new MemoryDisk();
      const file = await write(disk, 'a', '......', { sync: true });
      await file.write(0, [bytes('AA')]);
      await file.write(2, [bytes('BB')]);
      await file.write(4, [bytes('CC')]);
      // The first and the last reach the disk, the last by half.
      disk.crash({ torn: scripted([0.1, 0.9, 0.1, 0.5]) });
      expect(textOf(disk, 'a')).toBe('AA..C.');
    });

    test('never leaves anything that was not written, whatever it tears', async () => {
      for (let seed = 0; seed < 50; seed++) {
        const disk = new MemoryDisk();
        const file = await write(disk, 'a', '0000', { sync: true });
        await file.truncate(2);
        await file.write(1, [bytes('111')]);
        disk.crash({ torn: seededRandom(seed) });
        expect(['0000', '00', '01', '011', '0100', '0110']).toContain(textOf(disk, 'a'));
      }
    });
  });
});

function scripted(fractions: readonly number[]): Random {
  const left = [...fractions];
  return { bytes: (length) => new Uint8Array(length), fraction: () => left.shift() ?? 0 };
}
