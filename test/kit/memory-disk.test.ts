import { MemoryDisk } from '../../src/kit/memory-disk.ts';
import { diskContract } from './disk-contract.ts';

describe('MemoryDisk', () => {
  const create = async () => {
    const disk = new MemoryDisk();
    return { disk, link: async (path: string) => disk.addLink(path) };
  };
  for (const { name, run } of diskContract) test(name, () => run({ create }));
});
