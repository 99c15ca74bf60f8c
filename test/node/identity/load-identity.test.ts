import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KernelError, type Disk } from '../../../src/kernel/index.ts';
import { seededRandom } from '../../../src/kit/index.ts';
import { MemoryDisk } from '../../../src/kit/memory-disk.ts';
import { nodeDisk } from '../../../src/kit/world/node-disk.ts';
import { loadIdentity } from '../../../src/node/identity/load-identity.ts';
import { IDENTITY_FILE } from '../../../src/node/layout.ts';

const load = (disk: Disk, seed = 1) => loadIdentity({ disk, random: seededRandom(seed) });

describe('the identity of a folder', () => {
  test('is made once and then stays, whatever the randomness', async () => {
    const disk = new MemoryDisk();
    const made = await load(disk, 1);
    const loaded = await load(disk, 2);
    expect(loaded.id).toBe(made.id);
    expect(loaded.publicKey).toEqual(made.publicKey);
  });

  test('is another in another folder', async () => {
    expect((await load(new MemoryDisk(), 1)).id).not.toBe((await load(new MemoryDisk(), 2)).id);
  });

  test('survives a power cut right after it was made', async () => {
    const disk = new MemoryDisk();
    const { id } = await load(disk, 1);
    disk.crash();
    expect((await load(disk, 2)).id).toBe(id);
  });

  test('is made anew where a crash left an unfinished one', async () => {
    const disk = new MemoryDisk();
    disk.put(`${IDENTITY_FILE}.new`, '-----BEGIN PRIV');
    const { id } = await load(disk, 1);
    expect((await load(disk, 2)).id).toBe(id);
    expect(await disk.stat(`${IDENTITY_FILE}.new`)).toBeUndefined();
  });

  test('is never half there: power that fails before the key has its name leaves none', async () => {
    const disk = new MemoryDisk();
    disk.rename = () => {
      disk.crash({ torn: seededRandom(3) });
      return Promise.reject(new KernelError('ERR_DISK', 'the power failed'));
    };
    await expect(load(disk)).rejects.toMatchObject({ code: 'ERR_KEY_UNREADABLE' });
    expect(await disk.stat(IDENTITY_FILE)).toBeUndefined();
  });

  test('is for its owner only', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'peerhold-identity-'));
    try {
      chmodSync(folder, 0o755);
      await load(nodeDisk(folder));
      expect(statSync(join(folder, IDENTITY_FILE)).mode & 0o777).toBe(0o600);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const damaged = {
    empty: '',
    'not in PEM': 'no key at all',
    'cut off': '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIE\n-----END PRIVATE KEY-----\n',
    'of another kind': privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
  };
  for (const [name, content] of Object.entries(damaged)) {
    test(`is refused with ERR_KEY_UNREADABLE, and left alone, where its file is ${name}`, async () => {
      const disk = new MemoryDisk();
      disk.put(IDENTITY_FILE, content);
      await expect(load(disk)).rejects.toMatchObject({ code: 'ERR_KEY_UNREADABLE' });
      await using file = await disk.open(IDENTITY_FILE, 'read');
      expect(Buffer.from(await file.read(0, 10_000)).toString()).toBe(content);
    });
  }

  test('fails with ERR_KEY_UNREADABLE and the cause where the file cannot be read', async () => {
    const disk = new MemoryDisk();
    await load(disk);
    disk.breakPath(IDENTITY_FILE, 'ERR_ACCESS_DENIED');
    await expect(load(disk)).rejects.toMatchObject({
      code: 'ERR_KEY_UNREADABLE',
      cause: { code: 'ERR_ACCESS_DENIED' },
    });
  });

  test('fails with ERR_KEY_UNREADABLE, and leaves no half key, where the disk is full', async () => {
    const disk = new MemoryDisk({ capacity: 10 });
    await expect(load(disk)).rejects.toMatchObject({ code: 'ERR_KEY_UNREADABLE' });
    expect(await disk.stat(IDENTITY_FILE)).toBeUndefined();
  });
});
