import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { NodeProcess } from '../../src/cli/node-process.ts';
import { eventually } from './support/eventually.ts';
import { sha256File, writeRandomFile } from './support/files.ts';
import { LARGE } from './support/pair.ts';
import { peakMemory } from './support/process-figures.ts';
import { useNodes } from './support/start-node.ts';
import { agreement, listing } from './support/views.ts';

const MIB = 1024 * 1024;
/** Neither of two nodes may ever use more, whatever passes between them. */
const MAX_MEMORY_MIB = 200;

const SIZES = { 'empty.bin': 0, 'one byte.bin': 1, 'a mebibyte.bin': MIB, 'large.bin': LARGE };
const NAMES = [
  'blanks in a name.txt',
  'Über Straße, señor, 北京.txt',
  'emoji 🎉 👩‍👩‍👧.txt',
  '^ and & and %.txt',
  '%5E^&25',
  'sub folder/in a/sub^folder.txt',
  ' blanks around ',
  '"quoted"',
  'line\nbreak.txt',
  'at@sign.txt',
];

// One network, as shipped but for copies, which would be in the way of what is counted: `a` and `b` hold files from the start, `c` none; `b` and then `c` are added to it by the first test.
const nodes = useNodes({ settings: { replicas: 0 }, lasting: 'file' });
const checksums = new Map<string, string>();
let a: NodeProcess;
let b: NodeProcess;
let c: NodeProcess;

beforeAll(async () => {
  const [ofAna, ofBen, ofCai] = [await nodes.folder('a'), await nodes.folder('b'), await nodes.folder('c')];
  for (const [name, size] of Object.entries(SIZES)) checksums.set(name, await writeRandomFile(join(ofAna, name), size));
  for (const name of NAMES) checksums.set(name, await writeText(join(ofAna, name), `This is ${name}.`));
  await writeText(join(ofAna, 'notes.txt'), 'what Ana noted');
  await writeText(join(ofBen, 'notes.txt'), 'what Ben noted');
  [a, b, c] = await Promise.all([
    nodes.start({ folder: ofAna, flags: ['--user', 'ana'] }),
    nodes.start({ folder: ofBen, flags: ['--user', 'ben'] }),
    nodes.start({ folder: ofCai, flags: ['--user', 'cai'] }),
  ]);
}, 60_000);

describe('three nodes', () => {
  test('list the same files within a second of ADD', async () => {
    await b.expect('added', `ADD ${a.address}`);
    await agreement([a, b]);
    const began = performance.now();
    await c.expect('added', `ADD ${b.address}`);
    const files = await agreement([a, b, c]);
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(new Set(files.map(({ name }) => name))).toEqual(new Set([...checksums.keys(), 'notes.txt']));
  });

  test.each(Object.keys(SIZES))('GET brings %s whole, from a node that is no neighbour', async (name) => {
    const received = await c.expect('received', `GET ${name}`);
    expect(received).toMatchObject({ name, checksum: checksums.get(name), size: SIZES[name as keyof typeof SIZES] });
    expect(await sha256File(join(c.folder, name))).toBe(checksums.get(name));
  });

  test('neither of two nodes that move a large file uses more than 200 MiB', async () => {
    for (const node of [a, c]) expect(await peakMemory(node)).toBeLessThan(MAX_MEMORY_MIB);
  });

  test.each(NAMES)('GET brings %j under its name', async (name) => {
    await c.expect('received', `GET ${JSON.stringify(name)}`);
    expect(await readFile(join(c.folder, name), 'utf8')).toBe(`This is ${name}.`);
  });

  test('a fetched file stays that of its owner, in every list', async () => {
    const holders = [a.id, c.id].sort();
    await eventually(async () => {
      const files = await agreement([a, b, c]);
      for (const name of checksums.keys()) {
        expect(files.filter((file) => file.name === name)).toMatchObject([{ user: 'ana', holders, conflict: false }]);
      }
    });
  });

  test('SEND gives a file to every node, and finds it everywhere when repeated', async () => {
    const checksum = await writeRandomFile(join(b.folder, 'for all.bin'), MIB);
    await listing([b], ['for all.bin'], { among: (name) => name === 'for all.bin' });
    const send = async () => {
      const { to } = await b.expect('sent', 'SEND for all.bin');
      return new Map(to.map(({ id, result }) => [id, result]));
    };
    const [toAna, toCai] = [a.id, c.id];
    expect(await send()).toEqual(
      new Map([
        [toAna, 'received'],
        [toCai, 'received'],
      ]),
    );
    for (const node of [a, c]) expect(await sha256File(join(node.folder, 'for all.bin'))).toBe(checksum);
    expect(await send()).toEqual(
      new Map([
        [toAna, 'present'],
        [toCai, 'present'],
      ]),
    );
  });

  test("shows two users' files of one name as both, and GET name@user takes that user's", async () => {
    const { files } = await c.expect('listed', 'LIST');
    const both = files.filter(({ name }) => name === 'notes.txt');
    expect(both.map(({ user }) => user).sort()).toEqual(['ana', 'ben']);
    expect(both.filter(({ current }) => current)).toHaveLength(1);
    await c.expect('received', 'GET notes.txt@ana');
    expect(await readFile(join(c.folder, 'notes.txt'), 'utf8')).toBe('what Ana noted');
    await c.expect('received', 'GET notes.txt@ben');
    expect(await readFile(join(c.folder, 'notes.txt'), 'utf8')).toBe('what Ben noted');
  });

  test('RESTORE brings back what a GET replaced', async () => {
    const path = join(c.folder, 'mine and yours.txt');
    const ours = await writeText(path, 'what Cai wrote here');
    await writeText(join(a.folder, 'mine and yours.txt'), 'what Ana wrote there');
    await eventually(async () => {
      const { files } = await c.expect('listed', 'LIST');
      expect(files.filter(({ name }) => name === 'mine and yours.txt')).toHaveLength(2);
    });
    await c.expect('received', 'GET mine and yours.txt@ana');
    expect(await readFile(path, 'utf8')).toBe('what Ana wrote there');

    const { versions } = await c.expect('versions', 'VERSIONS mine and yours.txt');
    expect(versions).toMatchObject([{ name: 'mine and yours.txt', user: 'cai', checksum: ours }]);
    await c.expect('restored', `RESTORE ${versions[0]?.version}`);
    expect(await readFile(path, 'utf8')).toBe('what Cai wrote here');
  });

  test('PEERS shows the others in their order, with what their distance is made of', async () => {
    const { peers } = await c.expect('peers', 'PEERS');
    expect(peers.map(({ rank }) => rank)).toEqual([1, 2]);
    expect(new Map(peers.map(({ id, direct }) => [id, direct]))).toEqual(
      new Map([
        [a.id, false],
        [b.id, true],
      ]),
    );
    for (const { score, parts } of peers) expect(parts.rtt + parts.geography + parts.spread).toBeCloseTo(score);
    expect(peers[0]?.score).toBeLessThanOrEqual(peers[1]?.score ?? -1);
  });

  test('STATUS shows what a node is and does', async () => {
    expect(await b.expect('status', 'STATUS')).toMatchObject({
      id: b.id,
      address: b.address,
      user: 'ben',
      profile: nodes.profile,
      incarnation: 1,
      direct: 2,
      known: 2,
      files: 2,
    });
  });

  test('BYE is known to the others within two seconds', async () => {
    const began = performance.now();
    await Promise.all([
      a.waitFor('peer-left', ({ id }) => id === c.id),
      b.waitFor('peer-left', ({ id }) => id === c.id),
      c.expect('closed', 'BYE'),
    ]);
    await agreement([a, b]);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(await c.ended).toEqual({ code: 0, signal: null });
  });
});

/** Resolves to the SHA-256. */
async function writeText(path: string, text: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return createHash('sha256').update(text).digest('hex');
}
