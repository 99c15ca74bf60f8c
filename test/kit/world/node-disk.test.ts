import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk } from '../../../src/kit/world/node-disk.ts';
import { diskContract } from '../disk-contract.ts';

describe('nodeDisk', () => {
  const folders: string[] = [];
  const create = async () => {
    const outside = await mkdtemp(join(tmpdir(), 'peerhold-outside-'));
    const folder = await mkdtemp(join(tmpdir(), 'peerhold-disk-'));
    folders.push(outside, folder);
    return { folder, disk: nodeDisk(folder), link: (path: string) => symlink(outside, join(folder, path)) };
  };
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });

  for (const { name, run } of diskContract) test(name, () => run({ create }));
});
