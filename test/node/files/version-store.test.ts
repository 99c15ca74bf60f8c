import type { Disk } from '../../../src/kernel/index.ts';
import { DAY_MS, PEER, SELF, SETTINGS, makeWorld, record, sha256, startFiles, text } from './fixture.ts';

describe('what a received file replaces', () => {
  test('is kept as a version', async () => {
    const node = await startFiles();
    await node.write('f', 'mine');
    await node.receive(record({ user: 'bob' }), 'x');
    expect(node.files.versions.list()).toMatchObject([
      { name: 'f', size: 4, checksum: sha256('mine'), user: 'alice', replaced: node.clock.wallTime() },
    ]);
    expect(text(node.disk.peek('f'))).toBe('x');
    await node.close();
  });

  test('is kept where nobody had seen it yet', async () => {
    const node = await startFiles();
    await node.write('f', 'seen');
    node.disk.put('f', 'unseen');
    await node.receive(record({ user: 'bob' }), 'x');
    expect(node.files.versions.list()).toMatchObject([{ checksum: sha256('unseen'), size: 6, user: 'alice' }]);
    await node.close();
  });

  test('is kept where it appears at the very moment of the placement', async () => {
    const world = makeWorld();
    let raced = 0;
    const racing = (disk: Disk) =>
      new Proxy(disk, {
        get(target, key) {
          if (key === 'rename') {
            return async (from: string, to: string, options: { replace: boolean }) => {
              if (to === 'f' && raced++ < 3) world.disk.put('f', `raced ${raced}`);
              return target.rename(from, to, options);
            };
          }
          const value: unknown = Reflect.get(target, key);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    const node = await startFiles(world, { wrap: racing });
    await node.write('f', 'mine');
    await node.receive(record({ user: 'bob' }), 'x');
    expect(text(node.disk.peek('f'))).toBe('x');
    const kept = node.files.versions.list().map(({ checksum }) => checksum);
    expect(kept).toEqual(['raced 3', 'raced 2', 'raced 1', 'mine'].map(sha256));
    await node.close();
  });

  test('is put back where the placement fails', async () => {
    const world = makeWorld();
    const failing = (disk: Disk) =>
      new Proxy(disk, {
        get(target, key) {
          if (key === 'rename') {
            return (from: string, to: string, options: { replace: boolean }) =>
              from.startsWith('.peerhold/partial/')
                ? target.rename('.peerhold/absent', to, options)
                : target.rename(from, to, options);
          }
          const value: unknown = Reflect.get(target, key);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    const node = await startFiles(world, { wrap: failing });
    await node.write('f', 'mine');
    await expect(node.receive(record({ user: 'bob' }), 'x')).rejects.toThrow();
    await node.clock.advance(SETTINGS.settleMs);
    expect(text(node.disk.peek('f'))).toBe('mine');
    expect(node.files.versions.list()).toEqual([]);
    expect(node.said()).toEqual(['f@alice held']);
    await node.close();
  });

  test('survives a restart', async () => {
    const node = await startFiles();
    await node.write('f', 'mine');
    await node.receive(record({ user: 'bob' }), 'x');
    const before = node.files.versions.list();
    await node.close();
    const again = await startFiles(node, { incarnation: 2 });
    expect(again.files.versions.list()).toEqual(before);
    await again.close();
  });
});

describe('limits', () => {
  async function replaceTimes(times: number, settings: Partial<typeof SETTINGS>) {
    const node = await startFiles(makeWorld(), { settings: { ...SETTINGS, ...settings } });
    await node.write('f', 'first');
    for (let index = 1; index <= times; index++) {
      const content = `content ${index}`;
      await node.receive(record({ content, version: new Map([[PEER, index]]) }), content);
    }
    return node;
  }

  const contents = (node: Awaited<ReturnType<typeof replaceTimes>>) =>
    node.files.versions.list().map(({ checksum }) => checksum);

  test('the newest versionsKept of each file that others sent stay, however many come, and so does what the user wrote', async () => {
    const node = await replaceTimes(4, { versionsKept: 2 });
    expect(contents(node)).toEqual([sha256('content 3'), sha256('content 2'), sha256('first')]);
    expect(await node.disk.list('.peerhold/versions')).toHaveLength(3);
    await node.close();
  });

  test('the newest versionsKept that the user wrote stay', async () => {
    const node = await startFiles(makeWorld(), { settings: { ...SETTINGS, versionsKept: 1 } });
    for (const turn of [1, 2]) {
      await node.write('f', `mine ${turn}`);
      const content = `theirs ${turn}`;
      await node.receive(record({ content, version: new Map([[PEER, turn]]) }), content);
    }
    // What the user wrote over what was sent was not replaced by the node: "theirs 1" is nowhere.
    expect(contents(node)).toEqual([sha256('mine 2')]);
    await node.close();
  });

  test('what the user restored counts as written by the user, also after a restart', async () => {
    const settings = { ...SETTINGS, versionsKept: 1 };
    const first = await startFiles(makeWorld(), { settings });
    await first.write('f', 'mine');
    await first.receive(record({ content: 'theirs' }), 'theirs');
    await first.files.versions.restore(first.files.versions.list()[0]!.version);
    await first.close();
    const node = await startFiles(first, { settings, incarnation: 2 });
    for (const turn of [2, 3, 4]) {
      await node.receive(record({ content: `theirs ${turn}`, version: new Map([[PEER, turn]]) }), `theirs ${turn}`);
    }
    expect(contents(node)).toEqual([sha256('theirs 3'), sha256('mine')]);
    await node.close();
  });

  test('none stays where versionsKept is 0', async () => {
    const node = await replaceTimes(2, { versionsKept: 0 });
    expect(node.files.versions.list()).toEqual([]);
    expect(await node.disk.list('.peerhold/versions')).toEqual([]);
    await node.close();
  });

  test('what is older than versionsKeptMs goes', async () => {
    const node = await replaceTimes(1, { versionsKeptMs: DAY_MS });
    await node.clock.advance(DAY_MS * 0.9);
    expect(node.files.versions.list()).toHaveLength(1);
    await node.clock.advance(DAY_MS * 0.2);
    expect(node.files.versions.list()).toEqual([]);
    expect(await node.disk.list('.peerhold/versions')).toEqual([]);
    await node.close();
  });
});

describe('restore', () => {
  test('brings a version back as a change of our own, and keeps what it replaces', async () => {
    const node = await startFiles();
    await node.write('f', 'mine');
    await node.receive(record({ user: 'bob' }), 'x');
    const [version] = node.files.versions.list();
    node.said();
    await expect(node.files.versions.restore(version!.version)).resolves.toMatchObject({ name: 'f', size: 4 });
    expect(text(node.disk.peek('f'))).toBe('mine');
    expect(node.said()).toEqual(['f@bob released', 'f@alice held']);
    expect(node.statements.at(-1)?.record).toMatchObject({ writer: SELF, version: new Map([[SELF, 2]]) });
    expect(node.files.versions.list()).toMatchObject([{ checksum: sha256('x'), user: 'bob' }]);
    await node.close();
  });

  test('can be undone by restoring what it replaced', async () => {
    const node = await startFiles();
    await node.write('f', 'mine');
    await node.receive(record({ user: 'bob' }), 'x');
    await node.files.versions.restore(node.files.versions.list()[0]!.version);
    await node.files.versions.restore(node.files.versions.list()[0]!.version);
    expect(text(node.disk.peek('f'))).toBe('x');
    expect(node.files.versions.list()).toMatchObject([{ checksum: sha256('mine') }]);
    await node.close();
  });

  test('brings back a file whose name is free', async () => {
    const node = await startFiles();
    await node.write('sub/f', 'mine');
    await node.receive(record({ name: 'sub/f' }), 'x');
    await node.disk.remove('sub/f');
    await node.disk.remove('sub');
    await node.clock.advance(SETTINGS.settleMs);
    await node.files.versions.restore(node.files.versions.list()[0]!.version);
    expect(text(node.disk.peek('sub/f'))).toBe('mine');
    expect(node.files.versions.list()).toEqual([]);
    await node.close();
  });

  test('works with a single version kept', async () => {
    const node = await startFiles(makeWorld(), { settings: { ...SETTINGS, versionsKept: 1 } });
    await node.write('f', 'mine');
    await node.receive(record({ user: 'bob' }), 'x');
    await node.files.versions.restore(node.files.versions.list()[0]!.version);
    expect(text(node.disk.peek('f'))).toBe('mine');
    expect(node.files.versions.list()).toMatchObject([{ checksum: sha256('x') }]);
    await node.close();
  });

  test('does nothing where the content is there already', async () => {
    const node = await startFiles();
    await node.write('f', 'mine');
    await node.receive(record({ user: 'bob' }), 'x');
    await node.write('f', 'mine');
    node.said();
    await node.files.versions.restore(node.files.versions.list()[0]!.version);
    expect(node.said()).toEqual([]);
    expect(node.files.versions.list()).toHaveLength(1);
    await node.close();
  });

  test.each(['1', '999', '', '../f', '__proto__'])('knows no version %j', async (version) => {
    const node = await startFiles();
    await expect(node.files.versions.restore(version)).rejects.toMatchObject({ code: 'ERR_NO_SUCH_VERSION' });
    await node.close();
  });
});
