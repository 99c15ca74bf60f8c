import type { Disk } from '../../../src/kernel/index.ts';
import type { TestFiles } from './fixture.ts';
import { checkManifest, decodeManifest, manifestHash } from '../../../src/node/pieces/manifest.ts';
import type { FileRecord } from '../../../src/node/records.ts';
import {
  PEER,
  PIECE_LENGTH,
  SELF,
  SETTINGS,
  OTHER,
  makeFiles,
  makeWorld,
  record,
  sha256,
  startFiles,
  statement,
} from './fixture.ts';
import { contentOf, describe as describeFile, keysOf, receivePieces } from './pieces-fixture.ts';
import { inlineHasher } from '../../../src/kit/inline-hasher.ts';
import { toHex } from '../../support/hex.ts';

const { hashPiece } = inlineHasher();

function recordOf({ files }: TestFiles, name = 'f'): FileRecord {
  const held = files.index.own.holding(name);
  if (held === undefined) throw new Error(`${name} is not held`);
  return held.record;
}

/** The manifest that is served with a file, checked against its record. */
async function servedManifest({ files }: TestFiles, name = 'f') {
  const { file, manifest, pieces, record: served } = await files.store.open(name, '');
  await file.close();
  if (manifest === undefined) return undefined;
  expect(manifestHash(manifest)).toBe(served.manifest);
  const decoded = decodeManifest(manifest);
  checkManifest(decoded, served);
  return { ...decoded, pieces };
}

/** Counts the files of the user that are opened. */
function countingOpens(counted: { opens: string[] }) {
  return (disk: Disk): Disk =>
    new Proxy(disk, {
      get: (target, key) => {
        if (key !== 'open') return (Reflect.get(target, key) as (...all: unknown[]) => unknown).bind(target);
        return (...parameters: Parameters<Disk['open']>) => {
          if (!parameters[0].startsWith('.peerhold/')) counted.opens.push(parameters[0]);
          return target.open(...parameters);
        };
      },
    });
}

async function restart(node: TestFiles, options: Parameters<typeof startFiles>[1] = {}): Promise<TestFiles> {
  await node.close();
  return startFiles(node, { incarnation: 2, ...options });
}

describe('a file that appears', () => {
  test('is announced with a manifest of its pieces', async () => {
    const node = await startFiles();
    const content = 'a'.repeat(PIECE_LENGTH) + 'b'.repeat(10);
    await node.write('f', content);
    const manifest = await servedManifest(node);
    const hashes = ['a'.repeat(PIECE_LENGTH), 'b'.repeat(10)].map((piece) => toHex(hashPiece(Buffer.from(piece))));
    expect(toHex(manifest?.hashes ?? new Uint8Array(0))).toBe(hashes.join(''));
    expect(node.statements.map(({ record: said }) => said.manifest)).toEqual([recordOf(node).manifest]);
    expect([manifest?.pieces.set.count, manifest?.pieces.set.complete]).toEqual([2, true]);
    await node.close();
  });

  test('of no bytes has a manifest of no pieces', async () => {
    const node = await startFiles();
    await node.write('f', '');
    expect((await servedManifest(node))?.hashes).toHaveLength(0);
    await node.close();
  });

  test('is read no faster than hashRate', async () => {
    const node = await startFiles(undefined, { settings: { ...SETTINGS, hashRate: 256 * 1_024 } });
    node.disk.put('f', contentOf(1, 1_024 * 1_024));
    await node.clock.advance(SETTINGS.settleMs + 2_500);
    expect([node.files.folder.unhashed, node.files.store.holds('f', sha256(contentOf(1, 1_024 * 1_024)))]).toEqual([
      1,
      false,
    ]);
    await node.clock.advance(1_000);
    await node.files.folder.idle();
    expect(node.files.store.holds('f', sha256(contentOf(1, 1_024 * 1_024)))).toBe(true);
    await node.close();
  });
});

describe('the manifest of a file', () => {
  test('is another when the content changes, and the old one goes', async () => {
    const node = await startFiles();
    await node.write('f', 'one');
    const before = recordOf(node).manifest;
    await node.write('f', 'two');
    expect(recordOf(node).manifest).not.toBe(before);
    expect(await keysOf(node, 'manifests')).toEqual([recordOf(node).manifest]);
    await node.close();
  });

  test('is made anew without reading the file when only the version changes', async () => {
    const counted = { opens: [] as string[] };
    const node = await startFiles(undefined, { wrap: countingOpens(counted) });
    await node.write('f', 'one');
    const before = await servedManifest(node);
    counted.opens = [];
    const raised = { ...recordOf(node), manifest: '', version: new Map([[SELF, 7]]) };
    node.files.index.apply(statement({ origin: OTHER, record: raised }));
    await node.files.index.own.flush();
    expect(counted.opens).toEqual([]);
    const after = await servedManifest(node);
    expect(after?.version).toEqual(new Map([[SELF, 7]]));
    expect(after?.hashes).toEqual(before?.hashes);
    expect(await keysOf(node, 'manifests')).toEqual([recordOf(node).manifest]);
    await node.close();
  });

  test('stays when the file is only touched', async () => {
    const node = await startFiles();
    await node.write('f', 'one');
    const { manifest } = recordOf(node);
    await node.write('f', 'one');
    expect([recordOf(node).manifest, node.statements.length]).toEqual([manifest, 1]);
    await node.close();
  });

  test('goes with the file', async () => {
    const node = await startFiles();
    await node.write('f', 'one');
    await node.disk.remove('f');
    await node.clock.advance(SETTINGS.scanMs + SETTINGS.settleMs);
    await node.files.folder.idle();
    await node.files.index.own.flush();
    expect(await keysOf(node, 'manifests')).toEqual([]);
    await node.close();
  });

  test('is there after a restart, and nothing is read for it', async () => {
    const node = await startFiles();
    await node.write('f', 'one');
    const { manifest } = recordOf(node);
    const counted = { opens: [] as string[] };
    const again = await restart(node, { wrap: countingOpens(counted) });
    expect([recordOf(again).manifest, counted.opens, again.statements.length]).toEqual([manifest, [], 0]);
    expect(await servedManifest(again)).toBeDefined();
    await again.close();
  });

  test('is made in the background where an earlier release knew of none, and announced', async () => {
    const node = await startFiles();
    await node.write('f', 'one');
    const { manifest } = recordOf(node);
    await node.close();
    const rows = node.index.sublevel<string, Record<string, unknown>>('own-files', { valueEncoding: 'json' });
    for (const [key, row] of await rows.iterator().all()) {
      const older = { ...(row['record'] as Record<string, unknown>), manifest: undefined };
      await rows.put(key, { ...row, check: undefined, record: older });
    }
    await node.index.sublevel('manifests', {}).clear();
    const again = await startFiles(node, { incarnation: 2 });
    expect(recordOf(again).manifest).toBe(manifest);
    expect(again.statements.map(({ record: said }) => said.manifest)).toEqual([manifest]);
    await again.close();
  });

  test.each<[string, (rows: ReturnType<TestFiles['index']['sublevel']>, hash: string) => Promise<void>]>([
    ['is lost', async (rows, hash) => rows.del(hash)],
    ['is damaged', async (rows, hash) => rows.put(hash, 'x')],
  ])('does not bring the node down where it %s', async (_, damage) => {
    const node = await startFiles();
    await node.write('f', 'one');
    const { manifest } = recordOf(node);
    await node.close();
    await damage(node.index.sublevel('manifests', {}), manifest);
    const again = await startFiles(node, { incarnation: 2 });
    const { file } = await again.files.store.open('f', sha256('one'));
    await file.close();
    await again.close();
  });

  test('that nobody needs any more is removed at the start', async () => {
    const node = await startFiles();
    await node.write('f', 'one');
    await node.close();
    await node.index.sublevel('manifests', {}).put('0'.repeat(64), 'x');
    const again = await startFiles(node, { incarnation: 2 });
    expect(await keysOf(again, 'manifests')).toEqual([recordOf(again).manifest]);
    await again.close();
  });

  test('is made by whoever received a file whose record named none', async () => {
    const node = await startFiles();
    await node.receive(record({ user: 'bob', content: 'theirs' }), 'theirs');
    expect(await servedManifest(node)).toMatchObject({ writer: PEER, size: 6 });
    await node.close();
  });

  test('is given back to a file that is restored', async () => {
    const node = await startFiles();
    await node.write('f', 'mine');
    await node.receive(record({ content: 'theirs', version: new Map([[PEER, 9]]) }), 'theirs');
    const [stored] = node.files.versions.list('f');
    await node.files.versions.restore(stored?.version ?? '');
    expect(await servedManifest(node)).toMatchObject({ checksum: sha256('mine'), writer: SELF });
    await node.close();
  });
});

describe('the record of a content that several hold', () => {
  const file = describeFile(contentOf(1, 3_000));
  const listedManifest = (node: TestFiles) => node.files.index.entries('f').map(({ record: { manifest } }) => manifest);

  test('names the manifest of its writer, whoever else says otherwise', () => {
    const node = makeFiles(makeWorld());
    const others = { ...file.record, manifest: '0'.repeat(64) };
    node.files.index.apply(statement({ origin: OTHER, record: others }));
    expect(listedManifest(node)).toEqual([others.manifest]);
    node.files.index.apply(statement({ record: file.record }));
    expect(listedManifest(node)).toEqual([file.record.manifest]);
  });

  test('names the one that is known where another holder knows none', () => {
    const node = makeFiles(makeWorld());
    node.files.index.apply(statement({ origin: OTHER, record: { ...file.record, manifest: '' } }));
    node.files.index.apply(statement({ origin: 'd'.repeat(32), record: file.record }));
    expect(listedManifest(node)).toEqual([file.record.manifest]);
  });

  test('names none of another version', () => {
    const node = makeFiles(makeWorld());
    node.files.index.apply(statement({ origin: OTHER, record: file.record }));
    const newer = { ...file.record, manifest: '', version: new Map([[PEER, 2]]) };
    node.files.index.apply(statement({ record: newer }));
    expect(listedManifest(node)).toEqual(['']);
  });

  test('keeps the manifest of its writer when it was received, whatever the pieces are here', async () => {
    const node = await startFiles(undefined, { pieceStrategy: { pieceLength: () => 4_096 } });
    await receivePieces(node, file);
    await node.files.checks.idle();
    expect(recordOf(node).manifest).toBe(file.record.manifest);
    await node.close();
  });
});
