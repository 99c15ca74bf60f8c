import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useNodes } from './support/start-node.ts';
import { agreement } from './support/views.ts';

/** With the documented timers: 10 s until a silent node is dead, and 2 s to make up for it. */
const HEALED_MS = 12_000;
const FAREWELL_MS = 2_000;

// Copies are made again when a node is lost, and lists agree later: another test's affair.
const nodes = useNodes({ settings: { replicas: 0 } });
const positions = [0, 1, 2, 3, 4];

/** Five nodes in a line, each with a file that has its number. */
async function startFive() {
  const folders = await Promise.all(positions.map((index) => nodes.folder(`node-${index}`)));
  for (const [index, folder] of folders.entries()) await writeFile(join(folder, `${index}.txt`), `from node ${index}`);
  const started = await Promise.all(folders.map((folder) => nodes.start({ folder })));
  const line = started.map((node, index) => ({ node, index }));
  for (const { node, index } of line.slice(1)) await node.expect('added', `ADD ${line[index - 1]?.node.address}`);
  await agreement(started);
  return line;
}

type Line = Awaited<ReturnType<typeof startFive>>;

/** Every node fetches the file of every other. */
async function exchangeAll(line: Line): Promise<void> {
  const pairs = line.flatMap(({ node, index }) =>
    line.filter((other) => other.index !== index).map((other) => ({ node, name: `${other.index}.txt` })),
  );
  await Promise.all(pairs.map(({ node, name }) => node.expect('received', `GET ${name}`)));
  for (const { node, name } of pairs) {
    expect(await readFile(join(node.folder, name), 'utf8')).toBe(`from node ${name.replace('.txt', '')}`);
  }
}

describe.each(positions)('of five nodes in a line, the loss of number %i', (lost) => {
  test('by kill -9 is got over within 12 s: the lists agree, and files pass between any two', async () => {
    const line = await startFive();
    const survivors = line.filter(({ index }) => index !== lost);
    await line[lost]?.node.kill();
    const began = performance.now();
    const files = await agreement(
      survivors.map(({ node }) => node),
      HEALED_MS,
    );
    expect(files.map(({ name }) => name)).toEqual(survivors.map(({ index }) => `${index}.txt`));
    await exchangeAll(survivors);
    expect(performance.now() - began).toBeLessThan(HEALED_MS);
  }, 60_000);

  test('by BYE is got over within 2 s', async () => {
    const line = await startFive();
    const survivors = line.filter(({ index }) => index !== lost);
    const began = performance.now();
    const said = line[lost]?.node.expect('closed', 'BYE');
    await agreement(survivors.map(({ node }) => node));
    await exchangeAll(survivors);
    expect(performance.now() - began).toBeLessThan(FAREWELL_MS);
    await said;
  }, 60_000);
});
