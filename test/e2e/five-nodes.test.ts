import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeProcess } from '../../src/cli/node-process.ts';
import { writeRandomFile } from './support/files.ts';
import { bytesRead } from './support/process-figures.ts';
import { HASTY, useNodes } from './support/start-node.ts';
import { agreement, listing } from './support/views.ts';
import { openWire, portOf } from './support/wire.ts';

/** A fifth of the 12 s within which nodes with the documented timers have got over a loss. */
const HEALED_MS = 2_400;
const FAREWELL_MS = 2_000;
/** Much more than a node reads to start, so that it shows whether this is read. */
const LARGE = 64 * 1024 * 1024;
const MIDDLE = 2;

// One network of five, ADDed in a line, and what becomes of it: each test goes on where the one before it ended.
const nodes = useNodes({ settings: HASTY, lasting: 'file' });
const network: NodeProcess[] = [];
let largeFile: string;

beforeAll(async () => {
  const folders = await Promise.all([0, 1, 2, 3, 4].map((index) => nodes.folder(`node-${index}`)));
  for (const [index, folder] of folders.entries()) await writeFile(join(folder, `${index}.txt`), `from node ${index}`);
  largeFile = await writeRandomFile(join(folders[MIDDLE] ?? '', 'large.bin'), LARGE);
  network.push(...(await Promise.all(folders.map(start))));
  for (const [index, node] of network.slice(1).entries()) await node.expect('added', `ADD ${at(index).address}`);
  await agreement(network);
}, 60_000);

describe('five nodes', () => {
  test('get over the loss of the middle one in time: one list, and files pass between the ends', async () => {
    const middle = at(MIDDLE);
    const survivors = network.filter((node) => node !== middle);
    expect(await bytesRead(middle)).toBeGreaterThan(LARGE);

    await middle.kill();
    const began = performance.now();
    const files = await agreement(survivors);
    expect(files.map(({ name }) => name)).toEqual(['0.txt', '1.txt', '3.txt', '4.txt']);
    await Promise.all([at(0).expect('received', 'GET 4.txt'), at(4).expect('received', 'GET 0.txt')]);
    expect(performance.now() - began).toBeLessThan(HEALED_MS);
    expect(await readFile(join(at(0).folder, '4.txt'), 'utf8')).toBe('from node 4');
    expect(await readFile(join(at(4).folder, '0.txt'), 'utf8')).toBe('from node 0');
  });

  test('know a node that was killed as the same when it comes back on another port, and it reads no file again', async () => {
    const before = at(MIDDLE);
    const squatter = await openWire().occupy(portOf(before.address));
    const after = await start(before.folder, MIDDLE).finally(() => squatter.release());
    network[MIDDLE] = after;

    expect(after.id).toBe(before.id);
    expect(after.address).not.toBe(before.address);
    expect(await after.expect('status', 'STATUS')).toMatchObject({ incarnation: 2, files: 2 });
    expect(await bytesRead(after)).toBeLessThan(LARGE);
    // It dialled the neighbours it had, and nobody had to ADD it.
    const files = await agreement(network);
    expect(files.find(({ name }) => name === 'large.bin')).toMatchObject({ checksum: largeFile, holders: [after.id] });
  });

  test('settle at once when one file is added, deleted and added again in a ring', async () => {
    await at(0).expect('added', `ADD ${at(4).address}`);
    await agreement(network);
    const path = join(at(1).folder, 'coming and going.txt');
    const among = (name: string) => name === 'coming and going.txt';
    for (const content of ['once', undefined, 'once more']) {
      if (content === undefined) await rm(path);
      else await writeFile(path, content);
      await listing(network, content === undefined ? [] : ['coming and going.txt'], { among });
    }
    await agreement(network);

    // Each of the three pieces of news passes over a connection once, or once in both directions where it crosses itself.
    const statuses = await Promise.all(network.map((node) => node.expect('status', 'STATUS')));
    const ends = statuses.reduce((sum, { direct }) => sum + direct, 0);
    const messages = await countMessages('FILE', 'coming and going.txt');
    expect(messages).toBeGreaterThanOrEqual(3 * (network.length - 1));
    expect(messages).toBeLessThanOrEqual(3 * ends);
  });

  test('know of a BYE within two seconds, and files still pass', async () => {
    const leaver = at(3);
    const others = network.filter((node) => node !== leaver);
    const began = performance.now();
    const said = leaver.expect('closed', 'BYE');
    await agreement(others);
    await at(4).expect('received', 'GET 1.txt');
    expect(performance.now() - began).toBeLessThan(FAREWELL_MS);
    await said;
    expect(await leaver.ended).toEqual({ code: 0, signal: null });
  });
});

function at(index: number): NodeProcess {
  const node = network[index];
  if (node === undefined) throw new Error(`no node ${index} runs`);
  return node;
}

function start(folder: string, index: number): Promise<NodeProcess> {
  return nodes.start({ folder, flags: ['--log-level', 'trace', '--log-file', `${folder}.log`, '--user', `u${index}`] });
}

/** How many messages of a type all nodes together have sent about a file, by their logs. */
async function countMessages(type: string, name: string): Promise<number> {
  const logs = await Promise.all(network.map(({ folder }) => readFile(`${folder}.log`, 'utf8')));
  const lines = logs.flatMap((log) => log.split('\n'));
  return lines.filter((line) => line.includes(` frame.out `) && line.includes(`type=${type} `) && line.includes(name))
    .length;
}
