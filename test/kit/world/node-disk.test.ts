import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from '../../../src/kernel/index.ts';
import { moveOverReservation } from '../../../src/kit/world/durable.ts';
import { nodeDisk } from '../../../src/kit/world/node-disk.ts';
import { diskContract } from '../disk-contract.ts';

const codeOf = (work: Promise<unknown>) => work.then(() => undefined, errorCode);
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('nodeDisk', () => {
  const folders: string[] = [];
  const makeFolder = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'peerhold-disk-'));
    folders.push(folder);
    return folder;
  };
  const create = async () => {
    const [folder, outside] = [await makeFolder(), await makeFolder()];
    return { folder, outside, disk: nodeDisk(folder), link: (path: string) => symlink(outside, join(folder, path)) };
  };
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });

  for (const { name, run } of diskContract) test(name, () => run({ create }));

  test('may itself be reached through a link', async () => {
    const { folder, outside } = await create();
    await symlink(folder, join(outside, 'link'));
    const disk = nodeDisk(join(outside, 'link'));
    await disk.makeDirectory('d/e');
    expect(await readdir(join(folder, 'd'))).toEqual(['e']);
  });

  test('follows no link that takes the place of a directory it has used', async () => {
    const { folder, outside, disk } = await create();
    await disk.makeDirectory('d');
    await (await disk.open('d/a', 'create')).close();
    await rm(join(folder, 'd'), { recursive: true });
    await symlink(outside, join(folder, 'd'));
    expect(await codeOf(disk.open('d/a', 'create'))).toBe('ERR_LINK_REFUSED');
    expect(await readdir(outside)).toEqual([]);
  });

  test('refuses a link to a file within the folder too, and one that leads nowhere', async () => {
    const { folder, disk } = await create();
    await writeFile(join(folder, 'target'), 'kept');
    await symlink('target', join(folder, 'inner'));
    await symlink('nowhere', join(folder, 'broken'));
    for (const path of ['inner', 'broken']) {
      expect(await codeOf(disk.open(path, 'write'))).toBe('ERR_LINK_REFUSED');
    }
    expect(await readdir(folder)).not.toContain('nowhere');
  });

  test('says that a folder is not there', async () => {
    const disk = nodeDisk(join(await makeFolder(), 'no'));
    expect(await codeOf(disk.list(''))).toBe('ERR_NOT_FOUND');
    expect(await codeOf(disk.makeDirectory('d'))).toBe('ERR_NOT_FOUND');
    expect(await disk.stat('')).toBeUndefined();
  });

  test('makes private files for their owner only, and so every directory below .peerhold', async () => {
    const { folder, disk } = await create();
    await disk.makeDirectory('.peerhold/versions');
    await disk.makeDirectory('shared');
    await (await disk.open('.peerhold/identity.pem', 'create', { private: true })).close();
    await (await disk.open('shared/file', 'create')).close();
    const modes = ['.peerhold', '.peerhold/versions', '.peerhold/identity.pem'].map((path) =>
      modeOf(join(folder, path)),
    );
    expect(await Promise.all(modes)).toEqual([0o700, 0o700, 0o600]);
    await writeFile(join(folder, 'ordinary'), '');
    expect(await modeOf(join(folder, 'shared/file'))).toBe(await modeOf(join(folder, 'ordinary')));
  });

  test('lists a pipe as other, and neither opens it nor waits for its other end', async () => {
    const { folder, disk } = await create();
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(await disk.list('')).toEqual([{ name: 'pipe', kind: 'other' }]);
    expect(await codeOf(disk.open('pipe', 'read'))).toBe('ERR_NOT_FOUND');
    expect(await codeOf(disk.open('pipe', 'write'))).toBe('ERR_NAME_NOT_STORABLE');
  });

  test('leaves out entries whose names are not UTF-8', async () => {
    const { folder, disk } = await create();
    await writeFile(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0x61, 0xff)]), '');
    await writeFile(join(folder, 'é'), '');
    expect((await disk.list('')).map(({ name }) => name)).toEqual(['é']);
  });

  test('tells dates with the fractions the file system keeps', async () => {
    const { folder, disk } = await create();
    await writeFile(join(folder, 'a'), 'x');
    const { mtimeNs } = await stat(join(folder, 'a'), { bigint: true });
    expect((await disk.stat('a'))?.modifiedMs).toBe(Number(mtimeNs) / 1e6);
  });

  test('reads and writes what is larger than one call of the system takes', async () => {
    const { disk } = await create();
    await using file = await disk.open('a', 'create');
    await file.write(5_000_000_000, [Uint8Array.of(1, 2, 3)]);
    expect(await file.read(5_000_000_001, 10)).toEqual(Uint8Array.of(2, 3));
    expect((await file.stat()).size).toBe(5_000_000_003);
  });

  test('sees with a watch what another process does', async () => {
    const { folder, disk } = await create();
    const controller = new AbortController();
    const next = disk.watch('', { signal: controller.signal })[Symbol.asyncIterator]().next();
    let seen = false;
    void next.then(() => (seen = true));
    while (!seen) await promisify(execFile)('touch', [join(folder, 'a')]);
    expect((await next).value).toBe('a');
    controller.abort();
  });

  test('where a second name is not to be had, still lets only one of two take a free name', async () => {
    const folder = await makeFolder();
    const [a, b, target] = [join(folder, 'a'), join(folder, 'b'), join(folder, 'c')];
    await Promise.all([writeFile(a, 'content'), writeFile(b, 'content')]);
    const moves = await Promise.allSettled([moveOverReservation(a, target), moveOverReservation(b, target)]);
    expect(moves.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await readFile(target, 'utf8')).toBe('content');
    expect(await readdir(folder)).toHaveLength(2);
  });

  test('where the move fails after the name was taken, gives the name free again', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'd'));
    await expect(moveOverReservation(join(folder, 'd'), join(folder, 'c'))).rejects.toThrow('ENOTDIR');
    expect(await readdir(folder)).toEqual(['d']);
  });
});
