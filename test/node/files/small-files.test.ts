import type { MemoryDisk } from '../../../src/kit/memory-disk.ts';
import { errorCode } from '../../../src/kernel/index.ts';
import { makeWorld, sha256, startFiles, type TestFiles } from './fixture.ts';
import { contentOf, describe as describeFile, putWhole, receivePieces, type Described } from './pieces-fixture.ts';

const small = describeFile(contentOf(1, 500));

const codeOf = (work: Promise<unknown>) => work.then(() => undefined, errorCode);

async function expectNothingLeft(
  { disk, files }: TestFiles,
  { name }: Described['record'] = small.record,
): Promise<void> {
  expect(await disk.list('.peerhold/partial')).toEqual([]);
  expect(files.index.own.holding(name)).toBeUndefined();
}

describe('a small file that came whole', () => {
  let node: TestFiles;

  beforeEach(async () => {
    node = await startFiles();
  });
  afterEach(() => node.close());

  test('is placed, verified, and announced once the index has it', async () => {
    expect(node.files.small.takes(small.record)).toBe(true);
    await putWhole(node, small);
    expect(node.disk.peek('f')).toEqual(small.content);
    expect(node.files.index.own.holding('f')).toMatchObject({ record: small.record, local: false, check: 'done' });
    expect(node.said()).toEqual(['f@bob held']);
    expect(await node.disk.list('.peerhold/partial')).toEqual([]);
    const served = await node.files.store.open('f', small.record.checksum);
    expect(served.manifest).toEqual(small.encoded);
    await served.file.close();
  });

  test('is not hashed again by the folder, nor after a restart', async () => {
    await putWhole(node, small);
    await node.clock.advance(10_000);
    await node.files.folder.idle();
    expect(node.said()).toEqual(['f@bob held']);
    await node.close();
    const again = await startFiles(node, { incarnation: 2 });
    expect(again.files.index.own.holding('f')).toMatchObject({ record: small.record, check: 'done' });
    expect(again.said()).toEqual([]);
    await again.close();
    node = await startFiles();
  });

  test('survives a power cut from when it was announced', async () => {
    await putWhole(node, small);
    node.disk.crash();
    expect(node.disk.peek('f')).toEqual(small.content);
  });

  test('is refused, and nothing left, where it is not what its writer promised', async () => {
    const lie = describeFile(contentOf(2, 500), { says: sha256('something else') });
    expect(await codeOf(putWhole(node, lie))).toBe('ERR_CHECKSUM');
    expect(node.logger.named('file.false_content')).toHaveLength(1);
    await expectNothingLeft(node);
  });

  test('is refused where the manifest is of another record', async () => {
    const other = describeFile(contentOf(1, 500), { name: 'other' });
    const mixed = { ...small, manifest: other.manifest };
    expect(await codeOf(putWhole(node, mixed))).toBe('ERR_MANIFEST');
    await expectNothingLeft(node);
  });

  test('leaves nothing where the disk is full', async () => {
    node.disk.capacity = 100;
    expect(await codeOf(putWhole(node, small))).toBe('ERR_DISK_FULL');
    await expectNothingLeft(node);
    node.disk.capacity = 2 ** 30;
    await putWhole(node, small);
    expect(node.disk.peek('f')).toEqual(small.content);
  });

  test('leaves nothing where it is given up', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(node.files.small.put({ ...small, bytes: small.content }, { signal })).rejects.toThrow('enough');
    await expectNothingLeft(node);
  });

  test('does not replace what somebody puts under its name meanwhile without keeping that', async () => {
    const rename = node.disk.rename.bind(node.disk);
    node.disk.rename = async (...parameters: Parameters<MemoryDisk['rename']>) => {
      node.disk.rename = rename;
      node.disk.put('f', 'mine');
      await rename(...parameters);
    };
    await putWhole(node, small);
    expect(node.disk.peek('f')).toEqual(small.content);
    expect(node.files.versions.list('f')).toHaveLength(1);
  });
});

describe('a small file is not taken whole', () => {
  test('where the folder holds something under its name, or the same under another', async () => {
    const node = await startFiles();
    await receivePieces(node, small);
    expect(node.files.small.takes(small.record)).toBe(false);
    expect(node.files.small.takes(describeFile(contentOf(2, 500)).record)).toBe(false);
    expect(node.files.small.takes(describeFile(contentOf(1, 500), { name: 'g' }).record)).toBe(false);
    expect(node.files.small.takes(describeFile(contentOf(2, 500), { name: 'g' }).record)).toBe(true);
    await node.close();
  });

  test('where its directory is not known, or its name is none', async () => {
    const world = makeWorld();
    world.disk.put('known/other', 'other');
    const node = await startFiles(world);
    const takes = (name: string) => node.files.small.takes({ ...small.record, name });
    expect(['known/f', 'new/f', '.peerhold/f', '../f'].map(takes)).toEqual([true, false, false, false]);
    await node.close();
  });
});
