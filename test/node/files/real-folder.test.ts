import { mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeIndex } from '../../../src/kernel/index.ts';
import { memoryIndex } from '../../../src/kit/memory-index.ts';
import { inlineHasher } from '../../../src/kit/inline-hasher.ts';
import { nodeDisk } from '../../../src/kit/world/node-disk.ts';
import { systemClock } from '../../../src/kit/world/system-clock.ts';
import { NodeFiles } from '../../../src/node/files/node-files.ts';
import type { FileStatement } from '../../../src/node/records.ts';
import { silentLogger } from '../../../src/kit/silent-logger.ts';
import { SELF, SETTINGS, record, sha256 } from './fixture.ts';

/** A node's files in a real folder; `said` resolves with the next statement. */
function openFolder(folder: string, index: NodeIndex, incarnation = 1) {
  const statements: FileStatement[] = [];
  let sequence = 0;
  let wake: () => void = () => undefined;
  const files = new NodeFiles({
    self: { id: SELF, user: 'alice' },
    disk: nodeDisk(folder),
    hasher: inlineHasher(),
    pieceStrategy: { pieceLength: () => 1_024 },
    index,
    clock: systemClock(),
    logger: silentLogger(),
    // Scans are far apart: what is seen in time is seen by events.
    settings: { ...SETTINGS, settleMs: 20, scanMs: 600_000 },
    stamp: () => ({ incarnation, sequence: ++sequence }),
    isLive: () => false,
    onStatement: (statement) => {
      statements.push(statement);
      wake();
    },
    onWarning: (code, message) => {
      throw new Error(`${code} ${message}`);
    },
  });
  const said = async () => {
    if (statements.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return statements.shift();
  };
  return { files, said, statements };
}

describe('a real folder', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'peerhold-files-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test('is entered at the start, without what links lead to, and known after a restart', async () => {
    await writeFile(join(folder, 'f'), 'hello');
    await symlink('/etc/hostname', join(folder, 'link'));
    const index = memoryIndex();
    const first = openFolder(folder, index);
    await first.files.start();
    await expect(first.said()).resolves.toMatchObject({ held: true, record: { name: 'f', checksum: sha256('hello') } });
    await first.files.close();
    const second = openFolder(folder, index, 2);
    await second.files.start();
    await second.files.folder.idle();
    expect(second.files.index.list()).toHaveLength(1);
    expect([...first.statements, ...second.statements]).toEqual([]);
    await second.files.close();
  });

  test('tells of new, renamed and deleted files by events', async () => {
    const { files, said } = openFolder(folder, memoryIndex());
    await files.start();
    await writeFile(join(folder, 'f'), 'hello');
    await expect(said()).resolves.toMatchObject({ held: true, record: { name: 'f' } });
    await rename(join(folder, 'f'), join(folder, 'g'));
    const both = [await said(), await said()].map((statement) => `${statement?.record.name} ${statement?.held}`);
    expect(both.sort()).toEqual(['f false', 'g true']);
    await rm(join(folder, 'g'));
    await expect(said()).resolves.toMatchObject({ held: false, record: { name: 'g', checksum: '' } });
    await files.close();
  });

  test('receives, keeps what it replaces, and restores it', async () => {
    await writeFile(join(folder, 'f'), 'mine');
    const { files, said } = openFolder(folder, memoryIndex());
    await files.start();
    await said();
    const received = record({ user: 'bob', content: 'theirs' });
    const incoming = await files.store.receive(received);
    await incoming.write(0, Buffer.from('theirs'));
    await incoming.commit();
    await expect(said()).resolves.toMatchObject({ held: false, record: { user: 'alice' } });
    const manifest = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
    await expect(said()).resolves.toMatchObject({ held: true, record: { ...received, manifest } });
    await expect(readFile(join(folder, 'f'), 'utf8')).resolves.toBe('theirs');
    await files.versions.restore(files.versions.list()[0]!.version);
    await expect(readFile(join(folder, 'f'), 'utf8')).resolves.toBe('mine');
    await files.close();
  });

  test('refuses what leads out of it', async () => {
    await symlink(tmpdir(), join(folder, 'out'));
    const { files } = openFolder(folder, memoryIndex());
    await files.start();
    await expect(files.store.receive(record({ name: 'out/f' }))).rejects.toMatchObject({ code: 'ERR_LINK_REFUSED' });
    await files.close();
  });
});
