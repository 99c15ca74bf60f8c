import type { ErrorCode } from '../../../src/kernel/index.ts';
import { MemoryDisk } from '../../../src/kit/memory-disk.ts';
import { VirtualClock } from '../../../src/kit/virtual-clock.ts';
import type { TestFiles } from './fixture.ts';
import { OTHER, PEER, SETTINGS, makeWorld, record, sha256, startFiles, text } from './fixture.ts';

function withCode(code: ErrorCode): unknown {
  return expect.objectContaining({ code });
}

async function partialFiles({ disk }: TestFiles): Promise<string[]> {
  return (await disk.list('.peerhold/partial')).map(({ name }) => name);
}

async function pass({ clock, files }: TestFiles, ms: number): Promise<void> {
  await clock.advance(ms);
  await files.folder.idle();
  await files.index.own.flush();
}

const bytes = (content: string) => new TextEncoder().encode(content);

describe('open', () => {
  test('serves what was announced', async () => {
    const node = await startFiles();
    await node.write('f', 'hello');
    const served = await node.files.store.open('f', sha256('hello'));
    expect(served.record.checksum).toBe(sha256('hello'));
    expect(text(await served.file.read(1, 3))).toBe('ell');
    await served.file.close();
    await node.close();
  });

  test('serves any content where none is named', async () => {
    const node = await startFiles();
    await node.write('f', 'hello');
    const { record: served, file } = await node.files.store.open('f', '');
    expect(served.size).toBe(5);
    await file.close();
    await node.close();
  });

  test.each(['../f', '/f', '.peerhold/identity.pem', '.PeerHold/x', ''])('refuses the name %j', async (name) => {
    const node = await startFiles();
    await expect(node.files.store.open(name, '')).rejects.toEqual(withCode('ERR_NAME'));
    await node.close();
  });

  test('refuses what the folder does not hold, or holds with another content', async () => {
    const node = await startFiles();
    await node.write('f', 'hello');
    await expect(node.files.store.open('g', '')).rejects.toEqual(withCode('ERR_NO_SUCH_FILE'));
    await expect(node.files.store.open('f', sha256('other'))).rejects.toEqual(withCode('ERR_NO_SUCH_FILE'));
    await node.close();
  });

  test('refuses a file that changed since, and has it looked at again', async () => {
    const node = await startFiles();
    await node.write('f', 'hello');
    node.disk.put('f', 'HELLO');
    await expect(node.files.store.open('f', sha256('hello'))).rejects.toEqual(withCode('ERR_FILE_CHANGED'));
    await pass(node, SETTINGS.settleMs);
    expect(node.files.store.holds('f', sha256('HELLO'))).toBe(true);
    await node.close();
  });

  test('refuses a file that went since', async () => {
    const node = await startFiles();
    await node.write('f', 'hello');
    await node.disk.remove('f');
    await expect(node.files.store.open('f', '')).rejects.toEqual(withCode('ERR_FILE_CHANGED'));
    await node.close();
  });

  test('serves of a small file that changes meanwhile what was announced', async () => {
    const node = await startFiles();
    await node.write('f', 'hello');
    const { file } = await node.files.store.open('f', '');
    node.disk.put('f', 'HELLO');
    expect(text(await file.read(0, 5))).toBe('hello');
    expect(text(await file.read(1, 3))).toBe('ell');
    await file.close();
    await node.close();
  });

  test('stops serving a larger one', async () => {
    const node = await startFiles();
    await node.write('f', 'hello'.repeat(20_000));
    const { file } = await node.files.store.open('f', '');
    node.disk.put('f', 'HELLO');
    await expect(file.read(0, 5)).rejects.toEqual(withCode('ERR_FILE_CHANGED'));
    await file.close();
    await node.close();
  });

  test('refuses a link that took the file’s place', async () => {
    const node = await startFiles();
    await node.write('f', 'hello');
    node.disk.addLink('f');
    await expect(node.files.store.open('f', '')).rejects.toEqual(withCode('ERR_LINK_REFUSED'));
    await node.close();
  });
});

describe('receive', () => {
  test('places a file, announces the holding and keeps whose it is', async () => {
    const node = await startFiles();
    const received = record({ name: 'sub/f', user: 'bob', content: 'hello' });
    await node.receive(received, 'hello');
    expect(text(node.disk.peek('sub/f'))).toBe('hello');
    const manifest = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
    expect(node.statements).toMatchObject([{ held: true, record: { ...received, manifest } }]);
    expect(await partialFiles(node)).toEqual([]);
    await node.close();
  });

  test('is not taken for a change by watcher, scan or a restart', async () => {
    const node = await startFiles();
    await node.receive(record({ user: 'bob' }), 'x');
    await pass(node, 60_000);
    await node.close();
    const again = await startFiles(node, { incarnation: 2 });
    await pass(again, 60_000);
    expect(node.said()).toEqual(['f@bob held']);
    expect(again.said()).toEqual([]);
    expect(again.files.index.own.holding('f')?.record.writer).toBe(PEER);
    await again.close();
  });

  test('takes bytes in any order', async () => {
    const node = await startFiles();
    const incoming = await node.files.store.receive(record({ content: 'abcdef' }));
    await Promise.all([incoming.write(3, bytes('def')), incoming.write(0, bytes('abc'))]);
    await incoming.commit();
    expect(text(node.disk.peek('f'))).toBe('abcdef');
    await node.close();
  });

  test('takes an empty file', async () => {
    const node = await startFiles();
    const empty = { ...record(), size: 0, checksum: sha256('') };
    await node.receive(empty, '');
    expect(node.files.store.holds('f', sha256(''))).toBe(true);
    await node.close();
  });

  test('refuses bytes beyond the size', async () => {
    const node = await startFiles();
    const incoming = await node.files.store.receive(record());
    await expect(incoming.write(1, bytes('y'))).rejects.toThrow(RangeError);
    await expect(incoming.write(-1, bytes('y'))).rejects.toThrow(RangeError);
    await incoming.discard();
    await node.close();
  });

  test.each([
    ['another content', 'y'],
    ['less than promised', ''],
  ])('refuses %s and leaves nothing', async (_name, content) => {
    const node = await startFiles();
    await expect(node.receive(record(), content)).rejects.toEqual(withCode('ERR_CHECKSUM'));
    expect(node.disk.peek('f')).toBeUndefined();
    expect(await partialFiles(node)).toEqual([]);
    expect(node.statements).toEqual([]);
    await node.close();
  });

  test('leaves nothing when it is discarded, twice if need be', async () => {
    const node = await startFiles();
    const incoming = await node.files.store.receive(record());
    await incoming.write(0, bytes('x'));
    await Promise.all([incoming.discard(), incoming.discard()]);
    expect(await partialFiles(node)).toEqual([]);
    await expect(incoming.write(0, bytes('x'))).rejects.toEqual(withCode('ERR_CLOSED'));
    await expect(incoming.commit()).rejects.toEqual(withCode('ERR_CLOSED'));
    await node.close();
  });

  test('leaves nothing when the commit is given up', async () => {
    const node = await startFiles();
    const incoming = await node.files.store.receive(record());
    await incoming.write(0, bytes('x'));
    await expect(incoming.commit({ signal: AbortSignal.abort(new Error('given up')) })).rejects.toThrow('given up');
    expect(await partialFiles(node)).toEqual([]);
    expect(node.disk.peek('f')).toBeUndefined();
    await node.close();
  });

  test.each(['../f', '/f', '.peerhold/x', '.PEERHOLD/x', 'a//b'])('refuses the name %j', async (name) => {
    const node = await startFiles();
    await expect(node.files.store.receive(record({ name }))).rejects.toEqual(withCode('ERR_NAME'));
    await node.close();
  });

  test('refuses a name that the file system cannot hold', async () => {
    const clock = new VirtualClock();
    const disk = new MemoryDisk({ clock, isStorable: (name) => !name.includes(':') });
    const node = await startFiles({ ...makeWorld(), clock, disk });
    await expect(node.files.store.receive(record({ name: 'a:b' }))).rejects.toEqual(withCode('ERR_NAME_NOT_STORABLE'));
    await node.close();
  });

  test('refuses a name where a directory is, or below a file', async () => {
    const node = await startFiles();
    node.disk.put('d/f', '1');
    node.disk.put('f', '1');
    for (const name of ['d', 'f/g', 'f/g/h']) {
      await expect(node.files.store.receive(record({ name }))).rejects.toEqual(withCode('ERR_NAME_NOT_STORABLE'));
    }
    await node.close();
  });

  test('refuses a directory that took the place while bytes came, and leaves nothing', async () => {
    const node = await startFiles();
    const incoming = await node.files.store.receive(record());
    await incoming.write(0, bytes('x'));
    node.disk.put('f/g', '1');
    await expect(incoming.commit()).rejects.toEqual(withCode('ERR_NAME_NOT_STORABLE'));
    expect(await partialFiles(node)).toEqual([]);
    await node.close();
  });

  test('refuses a name that is or leads through a link', async () => {
    const node = await startFiles();
    node.disk.addLink('link');
    for (const name of ['link', 'link/f']) {
      await expect(node.files.store.receive(record({ name }))).rejects.toEqual(withCode('ERR_LINK_REFUSED'));
    }
    await node.close();
  });

  test('refuses more than there is room for, counting what is promised to others', async () => {
    const node = await startFiles();
    node.disk.capacity = 1_000;
    const first = await node.files.store.receive({ ...record(), size: 600 });
    await expect(node.files.store.receive({ ...record(), size: 600 })).rejects.toEqual(withCode('ERR_DISK_FULL'));
    await first.discard();
    await (await node.files.store.receive({ ...record(), size: 600 })).discard();
    await node.close();
  });

  test('does not count written bytes as promised too', async () => {
    const node = await startFiles();
    node.disk.capacity = 1_000;
    const first = await node.files.store.receive({ ...record(), size: 600 });
    await first.write(0, new Uint8Array(600));
    await (await node.files.store.receive({ ...record(), size: 400 })).discard();
    await first.discard();
    await node.close();
  });

  test('a disk that fills up meanwhile leaves nothing', async () => {
    const node = await startFiles();
    const incoming = await node.files.store.receive({ ...record(), size: 600 });
    node.disk.capacity = 100;
    await expect(incoming.write(0, new Uint8Array(600))).rejects.toEqual(withCode('ERR_DISK_FULL'));
    await incoming.discard();
    expect(await partialFiles(node)).toEqual([]);
    await node.close();
  });

  test('two of one name are independent, and the last commit stands', async () => {
    const node = await startFiles();
    const one = record({ content: 'one', user: 'bob' });
    const two = record({ content: 'two', user: 'carol', writer: OTHER });
    const incoming = await Promise.all([node.files.store.receive(one), node.files.store.receive(two)]);
    await incoming[0].write(0, bytes('one'));
    await incoming[1].write(0, bytes('two'));
    await Promise.all(incoming.map((each) => each.commit()));
    expect(text(node.disk.peek('f'))).toBe('two');
    expect(node.files.versions.list()).toMatchObject([{ checksum: sha256('one'), user: 'bob' }]);
    expect(node.said()).toEqual(['f@bob held', 'f@bob released', 'f@carol held']);
    await node.close();
  });

  test('a content that came by another way meanwhile is left as it is', async () => {
    const node = await startFiles();
    const incoming = await node.files.store.receive(record({ user: 'bob' }));
    await incoming.write(0, bytes('x'));
    await node.write('f', 'x');
    await incoming.commit();
    expect(node.said()).toEqual(['f@alice held']);
    expect(node.files.versions.list()).toEqual([]);
    await node.close();
  });

  test('removes what an earlier run left behind', async () => {
    const world = makeWorld();
    world.disk.put('.peerhold/partial/7', 'half');
    const node = await startFiles(world);
    expect(await partialFiles(node)).toEqual([]);
    await node.close();
  });
});

describe('a file system to which case makes no difference', () => {
  /** Finds `readme` under any case. */
  function folding(disk: MemoryDisk): MemoryDisk {
    const stored = (path: string) => (path.toLowerCase() === 'readme' ? 'readme' : path);
    return new Proxy(disk, {
      get(target, key) {
        if (key === 'stat') return (path: string) => target.stat(stored(path));
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  test('is not made to replace one file by another', async () => {
    const world = makeWorld();
    world.disk.put('readme', 'mine');
    const node = await startFiles({ ...world, disk: folding(world.disk) });
    await expect(node.files.store.receive(record({ name: 'README' }))).rejects.toEqual(
      withCode('ERR_NAME_NOT_STORABLE'),
    );
    expect(text(world.disk.peek('readme'))).toBe('mine');
    await node.receive(record({ name: 'readme' }), 'x');
    expect(text(world.disk.peek('readme'))).toBe('x');
    await node.close();
  });
});
