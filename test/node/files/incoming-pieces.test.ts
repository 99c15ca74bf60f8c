import type { ErrorCode } from '../../../src/kernel/index.ts';
import { seededRandom } from '../../../src/kit/seeded-random.ts';
import { PieceSet } from '../../../src/node/pieces/piece-set.ts';
import { override } from '../../support/override.ts';
import { DAY_MS, PEER, PIECE_LENGTH, SETTINGS, startFiles, text, type TestFiles } from './fixture.ts';
import {
  beginToReceive,
  contentOf,
  describe as describeFile,
  keysOf,
  pieceOf,
  receivePieces,
  writePieces,
} from './pieces-fixture.ts';

function withCode(code: ErrorCode): unknown {
  return expect.objectContaining({ code });
}

/** Ten pieces, the last a short one. */
const file = describeFile(contentOf(1, 9 * PIECE_LENGTH + 100));

async function restart(node: TestFiles): Promise<TestFiles> {
  await node.close();
  return startFiles(node, { incarnation: 2 });
}

async function partialFiles({ disk }: TestFiles): Promise<string[]> {
  return (await disk.list('.peerhold/partial')).map(({ name }) => name);
}

/** Until what began has ended: all of it is in memory. */
async function settled(): Promise<void> {
  await new Promise(setImmediate);
}

function isInPlace({ disk, files }: TestFiles, { content, record } = file): boolean {
  return files.store.holds(record.name, record.checksum) && Buffer.compare(disk.peek(record.name)!, content) === 0;
}

describe('a file that comes in pieces', () => {
  test('is placed and announced when it has all, in whatever order they came', async () => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    const heard: number[] = [];
    incoming.held.subscribe((piece) => heard.push(piece));
    for (const piece of [9, 3, 0, 1, 2, 8, 7, 6, 5, 4]) await incoming.writePiece(piece, pieceOf(file, piece));
    expect(heard).toEqual([9, 3, 0, 1, 2, 8, 7, 6, 5, 4]);
    await incoming.commit();
    expect(isInPlace(node)).toBe(true);
    expect(node.statements).toMatchObject([{ held: true, record: file.record }]);
    expect([await partialFiles(node), await keysOf(node, 'partials')]).toEqual([[], []]);
    await node.close();
  });

  test('may be empty', async () => {
    const node = await startFiles();
    const empty = describeFile(new Uint8Array(0));
    expect(await receivePieces(node, empty)).toEqual([]);
    expect(isInPlace(node, empty)).toBe(true);
    await node.close();
  });

  test('tells nobody who no longer listens', async () => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    const heard: number[] = [];
    const end = incoming.held.subscribe((piece) => heard.push(piece));
    await writePieces(incoming, file, [0]);
    end();
    await writePieces(incoming, file, [1]);
    expect(heard).toEqual([0]);
    await incoming.discard();
    await node.close();
  });

  test('begins with no other manifest than the one of its record', async () => {
    const node = await startFiles();
    const other = describeFile(contentOf(2, 5_000));
    for (const [record, encoded] of [
      [file.record, other.encoded],
      [{ ...file.record, manifest: other.record.manifest }, other.encoded],
      [file.record, file.encoded.subarray(1)],
      [file.record, new Uint8Array(0)],
    ] as const) {
      const incoming = await node.files.store.receive(record);
      await expect(incoming.begin(encoded)).rejects.toEqual(withCode('ERR_MANIFEST'));
      await incoming.suspend();
    }
    expect([await partialFiles(node), await keysOf(node, 'manifests')]).toEqual([[], []]);
    await node.close();
  });

  test('takes no pieces before its manifest, none it does not have, and none of another length', async () => {
    const node = await startFiles();
    const incoming = await node.files.store.receive(file.record);
    await expect(incoming.writePiece(0, pieceOf(file, 0))).rejects.toThrow(RangeError);
    await expect(incoming.commit()).rejects.toThrow(RangeError);
    await incoming.begin(file.encoded);
    for (const [piece, length] of [
      [10, 100],
      [-1, PIECE_LENGTH],
      [0, 100],
      [9, PIECE_LENGTH],
    ] as const) {
      await expect(incoming.writePiece(piece, new Uint8Array(length))).rejects.toThrow(RangeError);
    }
    await expect(incoming.write(0, new Uint8Array(1))).rejects.toThrow(RangeError);
    await incoming.discard();
    await node.close();
  });

  test('is not placed while a piece is missing, and goes on', async () => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    await writePieces(incoming, file, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    await expect(incoming.commit()).rejects.toThrow(RangeError);
    await writePieces(incoming, file);
    await incoming.commit();
    expect(isInPlace(node)).toBe(true);
    await node.close();
  });

  test('takes nothing more once it ended', async () => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    await incoming.discard();
    await incoming.discard();
    await incoming.suspend();
    await expect(incoming.writePiece(0, pieceOf(file, 0))).rejects.toEqual(withCode('ERR_CLOSED'));
    await expect(incoming.begin(file.encoded)).rejects.toEqual(withCode('ERR_CLOSED'));
    await expect(incoming.commit()).rejects.toEqual(withCode('ERR_CLOSED'));
    await node.close();
  });

  test('leaves nothing when it is discarded', async () => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    await writePieces(incoming, file, [1, 2]);
    await node.clock.advance(2_000);
    await incoming.discard();
    await node.files.index.own.flush();
    expect([await partialFiles(node), await keysOf(node, 'partials'), await keysOf(node, 'manifests')]).toEqual([
      [],
      [],
      [],
    ]);
    await node.close();
  });

  test('is kept where it cannot be placed', async () => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    await writePieces(incoming, file);
    node.disk.put('f/g', 'in the way');
    await expect(incoming.commit()).rejects.toEqual(withCode('ERR_NAME_NOT_STORABLE'));
    for (const path of ['f/g', 'f']) await node.disk.remove(path);
    expect(await receivePieces(node, file)).toEqual([]);
    expect(isInPlace(node)).toBe(true);
    await node.close();
  });

  test('comes twice at once, each into a file of its own', async () => {
    const node = await startFiles();
    const [one, other] = [await beginToReceive(node, file), await beginToReceive(node, file)];
    expect(await partialFiles(node)).toHaveLength(2);
    await writePieces(one, file);
    await writePieces(other, file);
    await other.commit();
    await one.commit();
    expect([isInPlace(node), node.statements.length, await partialFiles(node)]).toEqual([true, 1, []]);
    await node.close();
  });

  test('is refused with ERR_DISK_FULL where it would not fit beside what else was promised', async () => {
    const node = await startFiles();
    node.disk.capacity = 15_000;
    const incoming = await beginToReceive(node, file);
    const other = describeFile(contentOf(2, 9_000), { name: 'g' });
    await expect(node.files.store.receive(other.record)).rejects.toEqual(withCode('ERR_DISK_FULL'));
    await incoming.discard();
    await (await node.files.store.receive(other.record)).discard();
    await node.close();
  });

  test('keeps what it has when the disk is full, and goes on when there is room', async () => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    node.disk.capacity = 3 * PIECE_LENGTH;
    await writePieces(incoming, file, [0, 1]);
    await expect(incoming.writePiece(5, pieceOf(file, 5))).rejects.toEqual(withCode('ERR_DISK_FULL'));
    await incoming.suspend();
    node.disk.capacity = 1_000_000;
    expect(await receivePieces(node, file)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    await node.close();
  });
});

test('a file whose place is taken from it in mid-write goes on with what it had', async () => {
  const node = await startFiles();
  const incoming = await beginToReceive(node, file);
  await writePieces(incoming, file, [0, 1, 2]);
  node.disk.breakPath('.peerhold/partial');
  await expect(incoming.writePiece(3, pieceOf(file, 3))).rejects.toEqual(withCode('ERR_ACCESS_DENIED'));
  await incoming.suspend();
  expect(node.logger.named('transfer.progress_not_saved')).toHaveLength(1);
  node.disk.mendPath('.peerhold/partial');
  expect(await receivePieces(node, file)).toEqual([3, 4, 5, 6, 7, 8, 9]);
  await node.close();
});

test('a file of which the disk lost a write is given up, and begun anew', async () => {
  const node = await startFiles();
  const incoming = await beginToReceive(node, file);
  await writePieces(incoming, file, [0, 1, 2]);
  node.disk.breakPath('.peerhold/partial', 'ERR_DISK');
  await node.clock.advance(1_000);
  await settled();
  node.disk.mendPath('.peerhold/partial');
  await expect(incoming.writePiece(3, pieceOf(file, 3))).rejects.toEqual(withCode('ERR_DISK'));
  await incoming.suspend();
  expect(await partialFiles(node)).toEqual([]);
  expect(await receivePieces(node, file)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await node.close();
});

describe('a file that was suspended', () => {
  test('knows its manifest and what it has when it is received again', async () => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    await writePieces(incoming, file, [2, 9]);
    await incoming.suspend();
    const again = await node.files.store.receive(file.record);
    expect(again.manifest).toEqual(file.manifest);
    expect(again.held.set.missing()).toEqual([0, 1, 3, 4, 5, 6, 7, 8]);
    expect(again.reusedBytes).toBe(PIECE_LENGTH + 100);
    await writePieces(again, file);
    await again.commit();
    expect(isInPlace(node)).toBe(true);
    await node.close();
  });

  test('goes on after a restart', async () => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    await writePieces(incoming, file, [0, 1, 2, 3, 4]);
    await incoming.suspend();
    const again = await restart(node);
    expect(await receivePieces(again, file)).toEqual([5, 6, 7, 8, 9]);
    expect([isInPlace(again), await keysOf(again, 'partials')]).toEqual([true, []]);
    await again.close();
  });

  test('that had nothing yet leaves nothing', async () => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    await incoming.suspend();
    await (await node.files.store.receive(file.record)).suspend();
    expect([await partialFiles(node), await keysOf(node, 'partials')]).toEqual([[], []]);
    await node.close();
  });

  test('has what the disk has, whatever was written down', async () => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    await writePieces(incoming, file);
    await incoming.suspend();
    const damaged = file.content.slice();
    damaged.fill(0, 5 * PIECE_LENGTH, 5 * PIECE_LENGTH + 1);
    node.disk.put(`.peerhold/partial/${file.record.manifest}`, damaged.subarray(0, 8 * PIECE_LENGTH));
    const again = await restart(node);
    expect(await receivePieces(again, file)).toEqual([5, 8, 9]);
    expect(isInPlace(again)).toBe(true);
    await again.close();
  });

  test('is forgotten after a week', async () => {
    const node = await startFiles(undefined, { settings: { ...SETTINGS, scanMs: DAY_MS } });
    const incoming = await beginToReceive(node, file);
    await writePieces(incoming, file, [0]);
    await incoming.suspend();
    await node.clock.advance(7 * DAY_MS + 1);
    const again = await restart(node);
    expect([await partialFiles(again), await keysOf(again, 'partials'), await keysOf(again, 'manifests')]).toEqual([
      [],
      [],
      [],
    ]);
    await again.close();
  });

  test('gives way when there are many, the oldest first', async () => {
    const node = await startFiles();
    const files = Array.from({ length: 66 }, (_, index) =>
      describeFile(contentOf(index, 2_000), { name: `f${index}` }),
    );
    for (const each of files) {
      const incoming = await beginToReceive(node, each);
      await writePieces(incoming, each, [0]);
      await incoming.suspend();
      await node.clock.advance(1);
    }
    expect(new Set(await partialFiles(node))).toEqual(new Set(files.slice(2).map(({ record }) => record.manifest)));
    await node.close();
  });

  test('gives way when a newer version is there', async () => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    await writePieces(incoming, file, [0]);
    await incoming.suspend();
    await receivePieces(node, describeFile(contentOf(3, 100), { version: new Map([[PEER, 2]]) }));
    expect(await keysOf(node, 'partials')).toEqual([]);
    await node.close();
  });
});

describe('a start removes', () => {
  test('partial files that nobody can go on with, and rows without a file', async () => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    await writePieces(incoming, file, [0]);
    await incoming.suspend();
    await node.close();
    await node.disk.remove(`.peerhold/partial/${file.record.manifest}`);
    node.disk.put('.peerhold/partial/7', 'half');
    node.disk.put(`.peerhold/partial/${'0'.repeat(64)}`, 'half');
    const again = await startFiles(node, { incarnation: 2 });
    expect([await partialFiles(again), await keysOf(again, 'partials')]).toEqual([[], []]);
    await again.close();
  });

  test('rows that are damaged', async () => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    await writePieces(incoming, file, [0]);
    await incoming.suspend();
    await node.close();
    await node.index
      .sublevel<string, unknown>('partials', { valueEncoding: 'json' })
      .put(file.record.manifest, { held: 1 });
    const again = await startFiles(node, { incarnation: 2 });
    expect([await partialFiles(again), await keysOf(again, 'partials')]).toEqual([[], []]);
    expect(await receivePieces(again, file)).toHaveLength(10);
    await again.close();
  });
});

describe('a crash', () => {
  test.each(Array.from({ length: 12 }, (_, seed) => seed))(
    'costs at most what came in the last second, and claims nothing that is not on disk (seed %d)',
    async (seed) => {
      const random = seededRandom(seed);
      const node = await startFiles();
      const incoming = await beginToReceive(node, file);
      const order = Array.from({ length: 10 }, (_, piece) => piece).sort(() => random.fraction() - 0.5);
      let safe: number[] = [];
      const written: number[] = [];
      for (const piece of order.slice(0, 3 + Math.floor(random.fraction() * 7))) {
        await writePieces(incoming, file, [piece]);
        written.push(piece);
        const restMs = random.fraction() * 1_500;
        await node.clock.advance(restMs);
        if (restMs > 1_000) safe = [...written];
      }
      node.disk.crash(random.fraction() < 0.5 ? {} : { torn: random });
      const rows = node.index.sublevel<string, { held: string }>('partials', { valueEncoding: 'json' });
      const row = await rows.get(file.record.manifest);
      const claimed = row && PieceSet.fromBytes(10, Buffer.from(row.held, 'base64'));
      const partial = node.disk.peek(`.peerhold/partial/${file.record.manifest}`) ?? new Uint8Array(0);
      for (const piece of claimed === undefined ? [] : order.filter((each) => claimed.has(each))) {
        const onDisk = partial.slice(piece * PIECE_LENGTH, piece * PIECE_LENGTH + pieceOf(file, piece).length);
        expect(Buffer.compare(onDisk, pieceOf(file, piece))).toBe(0);
      }
      const again = await startFiles({ clock: node.clock, disk: node.disk, index: node.index }, { incarnation: 2 });
      const fetched = await receivePieces(again, file);
      expect(fetched.filter((piece) => safe.includes(piece))).toEqual([]);
      expect(isInPlace(again)).toBe(true);
      await again.close();
    },
  );
});

describe('pieces that are on disk already', () => {
  test('are taken from an older version of the file', async () => {
    const node = await startFiles();
    node.disk.put('f', file.content);
    await node.write('g', 'other');
    const changed = file.content.slice();
    changed.fill(7, 4 * PIECE_LENGTH + 5, 5 * PIECE_LENGTH + 5);
    const newer = describeFile(changed, { user: 'alice', version: new Map([[PEER, 9]]) });
    const incoming = await beginToReceive(node, newer);
    expect(incoming.held.set.missing()).toEqual([4, 5]);
    expect(incoming.reusedBytes).toBe(newer.content.length - 2 * PIECE_LENGTH);
    await writePieces(incoming, newer);
    await incoming.commit();
    expect(isInPlace(node, newer)).toBe(true);
    await node.close();
  });

  test('are taken from the version before, however many were received and whichever of them were given up', async () => {
    const node = await startFiles();
    await receivePieces(node, file);
    const content = file.content.slice();
    const change = (counter: number) => {
      content.fill(counter, 4 * PIECE_LENGTH, 5 * PIECE_LENGTH);
      return describeFile(content.slice(), { version: new Map([[PEER, counter]]) });
    };
    expect(await receivePieces(node, change(9))).toEqual([4]);
    expect(await receivePieces(node, change(10))).toEqual([4]);
    await (await beginToReceive(node, change(11))).discard();
    await (await beginToReceive(node, change(12))).suspend();
    expect(await receivePieces(node, change(13))).toEqual([4]);
    await node.close();
  });

  test('are taken from any other file of the folder, wherever they stand in it', async () => {
    const node = await startFiles();
    const [one, two] = [pieceOf(file, 1), pieceOf(file, 2)];
    node.disk.put('sub/other', Buffer.concat([two, one, Buffer.from('end')]));
    node.disk.put('last', pieceOf(file, 9));
    await node.write('g', 'other');
    expect(await receivePieces(node, file)).toEqual([0, 3, 4, 5, 6, 7, 8]);
    expect(isInPlace(node)).toBe(true);
    await node.close();
  });

  test('are not taken from what is no longer what it was', async () => {
    const node = await startFiles();
    node.disk.put('other', file.content);
    node.disk.put('gone', pieceOf(file, 0));
    await node.write('g', 'other');
    const changed = file.content.slice();
    changed.fill(7);
    node.disk.put('other', changed);
    await node.disk.remove('gone');
    expect(await receivePieces(node, file)).toHaveLength(10);
    await node.close();
  });

  test('are found also in files that came since', async () => {
    const node = await startFiles();
    await receivePieces(node, describeFile(contentOf(5, 10), { name: 'first' }));
    await receivePieces(node, { ...describeFile(file.content, { name: 'second' }) });
    expect(await receivePieces(node, file)).toEqual([]);
    await node.close();
  });

  test('are taken from what came of another version before that was given up, and of the folder’s own', async () => {
    const node = await startFiles();
    await receivePieces(node, file);
    const content = file.content.slice();
    const change = (counter: number, ...pieces: number[]) => {
      for (const piece of pieces) content.fill(10 * counter + piece, piece * PIECE_LENGTH, (piece + 1) * PIECE_LENGTH);
      return describeFile(content.slice(), { version: new Map([[PEER, counter]]) });
    };
    const second = change(2, 3, 4, 5, 6);
    const incoming = await beginToReceive(node, second);
    expect(await writePieces(incoming, second, [3, 4, 5])).toEqual([3, 4, 5]);
    await incoming.suspend();
    const third = change(3, 5);
    expect(await receivePieces(node, third)).toEqual([5, 6]);
    expect(isInPlace(node, third)).toBe(true);
    await node.close();
  });

  test('are taken after a restart too from what came of another version', async () => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    await writePieces(incoming, file, [0, 1, 2, 3, 4]);
    await incoming.suspend();
    const again = await restart(node);
    const content = file.content.slice();
    content.fill(7, PIECE_LENGTH, 2 * PIECE_LENGTH);
    const changed = describeFile(content, { version: new Map([[PEER, 2]]) });
    expect(await receivePieces(again, changed)).toEqual([1, 5, 6, 7, 8, 9]);
    expect([await partialFiles(again), await keysOf(again, 'partials')]).toEqual([[], []]);
    await again.close();
  });

  test('stop being looked for when the caller gives up', async () => {
    const node = await startFiles();
    node.disk.put('other', file.content);
    await node.write('g', 'other');
    const incoming = await node.files.store.receive(file.record);
    const giving = new AbortController();
    const begun = incoming.begin(file.encoded, { signal: giving.signal });
    giving.abort(new Error('enough'));
    await expect(begun).rejects.toThrow('enough');
    await incoming.suspend();
    await node.close();
  });
});

describe('a file on its way in', () => {
  test('is served as far as it is here, and the rest when it comes', async () => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    await writePieces(incoming, file, [1, 2]);
    const { checksum } = file.record;
    const served = await node.files.store.open('f', checksum);
    expect([served.record, served.manifest]).toEqual([file.record, file.encoded]);
    expect(served.pieces.set.missing()).toEqual([0, 3, 4, 5, 6, 7, 8, 9]);
    expect(await served.file.read(PIECE_LENGTH + 10, 1_500)).toEqual(
      file.content.slice(PIECE_LENGTH + 10, PIECE_LENGTH + 1_510),
    );
    await expect(served.file.read(PIECE_LENGTH - 1, 2)).rejects.toEqual(withCode('ERR_NO_SUCH_FILE'));
    const heard: number[] = [];
    served.pieces.subscribe((piece) => heard.push(piece));
    await writePieces(incoming, file);
    expect(heard).toEqual([0, 3, 4, 5, 6, 7, 8, 9]);
    await incoming.commit();
    expect(await served.file.read(0, file.content.length)).toEqual(file.content);
    node.disk.put('f', 'mine now');
    await expect(served.file.read(0, 1)).rejects.toEqual(withCode('ERR_FILE_CHANGED'));
    await served.file.close();
    await node.close();
  });

  test('is served only by its very checksum, and is not said to be held', async () => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    await writePieces(incoming, file, [1]);
    await expect(node.files.store.open('f', '')).rejects.toEqual(withCode('ERR_NO_SUCH_FILE'));
    expect(node.files.store.holds('f', file.record.checksum)).toBe(false);
    await incoming.discard();
    await node.close();
  });

  test.each(['suspend', 'discard'] as const)('is served no longer after a %s', async (ending) => {
    const node = await startFiles();
    const incoming = await beginToReceive(node, file);
    await writePieces(incoming, file, [1]);
    const served = await node.files.store.open('f', file.record.checksum);
    await incoming[ending]();
    await expect(served.file.read(PIECE_LENGTH, 10)).rejects.toEqual(withCode('ERR_FILE_CHANGED'));
    await served.file.close();
    await expect(node.files.store.open('f', file.record.checksum)).rejects.toEqual(withCode('ERR_NO_SUCH_FILE'));
    await node.close();
  });
});

test('a file whose name is taken by the user at the last moment is placed, and what he wrote is kept as a version', async () => {
  let isFirst = true;
  const node = await startFiles(undefined, {
    wrap: (disk) =>
      override(disk, {
        rename: async (from, to, options) => {
          if (isFirst) node.disk.put(to, 'mine');
          isFirst = false;
          await disk.rename(from, to, options);
        },
      }),
  });
  await receivePieces(node, file);
  expect(isInPlace(node)).toBe(true);
  expect(
    node.files.versions.list('f').map(({ version }) => text(node.disk.peek(`.peerhold/versions/${version}`))),
  ).toEqual(['mine']);
  await node.close();
});

test('a file whose name is taken by a link at the last moment is refused, and kept', async () => {
  const node = await startFiles(undefined, {
    wrap: (disk) =>
      override(disk, {
        rename: async (from, to, options) => {
          node.disk.addLink(to);
          await disk.rename(from, to, options);
        },
      }),
  });
  await expect(receivePieces(node, file)).rejects.toEqual(withCode('ERR_LINK_REFUSED'));
  expect(await partialFiles(node)).toEqual([file.record.manifest]);
  await node.close();
});
