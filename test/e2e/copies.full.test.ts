import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeProcess } from '../../src/cli/node-process.ts';
import { eventually } from './support/eventually.ts';
import { runProgram } from './support/run-program.ts';
import { useNodes } from './support/start-node.ts';
import { listing } from './support/views.ts';

const FILES = 400;
const FILE_LENGTH = 16 * 1024;
const PATIENCE_MS = 60_000;

// As shipped: two copies of each file.
const nodes = useNodes();

const run = (node: NodeProcess, ...words: string[]) =>
  runProgram(['ctl', node.folder, ...words], { environment: { PEERHOLD_KEY: nodes.key } });

/** Every file another, the same in every run. */
function contentOf(index: number): Buffer {
  return Buffer.alloc(FILE_LENGTH, createHash('sha256').update(String(index)).digest());
}

/** Three nodes, of which the first has the files, with the other two connected to it. */
async function startThree(files: number) {
  const folder = await nodes.folder('a');
  await mkdir(join(folder, 'photos'));
  const names = Array.from({ length: files }, (_, index) => `photos/${index}.bin`);
  await Promise.all(names.map((name, index) => writeFile(join(folder, name), contentOf(index))));
  const [a, b, c] = await Promise.all([nodes.start({ folder }), nodes.start(), nodes.start()]);
  await listing([a], names, { timeoutMs: PATIENCE_MS });
  for (const other of [b, c]) await other.expect('added', `ADD ${a.address}`);
  await listing([b, c], names, { timeoutMs: PATIENCE_MS });
  return { a, b, c };
}

/** GET of several files, to its end. */
async function getAll(node: NodeProcess, query: string) {
  await node.command(`GET ${query}`, PATIENCE_MS);
  return node.waitFor('got', () => true, PATIENCE_MS);
}

const replicasOf = ({ folder }: NodeProcess) => readdir(join(folder, '.peerhold', 'replicas'));

test('a GET of a folder, and one by a pattern, bring every file while copies of all are being made', async () => {
  const { b, c } = await startThree(FILES);
  const got = await Promise.all([getAll(b, 'photos/'), getAll(c, 'photos/*.bin')]);
  expect(got).toEqual([b, c].map(() => expect.objectContaining({ files: FILES, failed: 0, failures: [] }) as object));
  for (const { folder } of [b, c]) {
    for (let index = 0; index < FILES; index++) {
      const bytes = await readFile(join(folder, `photos/${index}.bin`));
      expect(Buffer.compare(bytes, contentOf(index))).toBe(0);
    }
  }
  // Nothing is kept beside what the folders have.
  await eventually(async () => {
    for (const node of [b, c]) expect(await replicasOf(node)).toEqual([]);
  }, PATIENCE_MS);
}, 180_000);

test('SAFE ends with 0 once every file has its copy, which is served when the owner is gone, and with 1 from then on till there are two', async () => {
  const { a, b, c } = await startThree(40);
  await eventually(async () => expect((await run(a, 'SAFE')).code).toBe(0), PATIENCE_MS);
  expect((await replicasOf(b)).length + (await replicasOf(c)).length).toBe(40);
  const shown = await run(b, 'SAFE', 'photos/7.bin', '--json');
  expect(JSON.parse(shown.stdout)).toMatchObject({ event: 'safe', safe: true, files: [{ copies: 2, wanted: 2 }] });
  const map = await c.expect('pieces', 'PIECES photos/7.bin');
  expect(map).toMatchObject({ pieces: 1, holders: [{ whole: true }, { whole: true }] });

  await a.kill();
  expect((await run(b, 'SAFE')).code).toBe(1);
  await b.waitFor('peer-left', ({ id }) => id === a.id, PATIENCE_MS);
  await eventually(async () => expect((await run(b, 'SAFE')).code).toBe(0), PATIENCE_MS);
  expect(await getAll(c, 'photos/')).toMatchObject({ files: 40, failed: 0 });
}, 180_000);
