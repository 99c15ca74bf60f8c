import { readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeProcess } from '../../src/cli/node-process.ts';
import { seededRandom } from '../../src/kit/index.ts';
import { sha256File } from './support/files.ts';
import { HASTY, useNodes } from './support/start-node.ts';
import { listing } from './support/views.ts';

const FILES = 200;
const ROUNDS = 20;
const PATIENCE_MS = 120_000;
const DAMAGE = /^peerhold: the index was damaged and has been (repaired|rebuilt)$/m;

const nodes = useNodes({ settings: HASTY });

const nameOf = (index: number) => `file ${index}.txt`;
const NAMES = Array.from({ length: FILES }, (_, index) => nameOf(index));

async function writeFiles(folder: string, text: string, names: readonly string[] = NAMES): Promise<void> {
  await Promise.all(names.map((name) => writeFile(join(folder, name), `${name}: ${text}`)));
}

/** Each file is listed once, with the content that it has. */
async function expectAllListed(node: NodeProcess): Promise<void> {
  await listing([node], NAMES, { timeoutMs: PATIENCE_MS });
  const { files } = await node.expect('listed', 'LIST');
  for (const { name, checksum } of files) expect(checksum).toBe(await sha256File(join(node.folder, name)));
}

test(
  `a node that is killed ${ROUNDS} times while its files change finds its index sound each time, and lists them all`,
  async () => {
    const folder = await nodes.folder();
    const random = seededRandom(1);
    for (let round = 0; round < ROUNDS; round++) {
      // Some while the node is down, some while it runs.
      await writeFiles(folder, `round ${round}`, NAMES.slice(round));
      const node = await nodes.start({ folder });
      expect(node.stderr).not.toMatch(DAMAGE);
      const changing = writeFiles(folder, `round ${round} again`, NAMES.slice(0, 10 * round));
      await sleep(Math.floor(random.fraction() * 600));
      await node.kill();
      await changing;
    }
    const node = await nodes.start({ folder });
    expect(node.stderr).not.toMatch(DAMAGE);
    await expectAllListed(node);
  },
  PATIENCE_MS,
);

test.each([
  ['a table is garbage', /\.ldb$/, (path: string) => writeFile(path, 'garbage')],
  ['its manifest is cut off', /^MANIFEST/, (path: string) => truncate(path, 20)],
  ['its manifest is gone', /^MANIFEST/, (path: string) => rm(path)],
  ['CURRENT is gone', /^CURRENT$/, (path: string) => rm(path)],
  ['all of it is garbage', /./, (path: string) => writeFile(path, 'garbage')],
])(
  'a node in whose index %s says so once, and lists all its files',
  async (_what, pattern, damage) => {
    const folder = await nodes.folder();
    await writeFiles(folder, 'once');
    // The second run puts what the first wrote into a table.
    for (let run = 0; run < 2; run++) {
      const node = await nodes.start({ folder });
      await expectAllListed(node);
      await node.expect('closed', 'BYE');
      await node.ended;
    }
    const index = join(folder, '.peerhold', 'index');
    const names = (await readdir(index)).filter((name) => pattern.test(name));
    expect(names).not.toEqual([]);
    await Promise.all(names.map((name) => damage(join(index, name))));

    const node = await nodes.start({ folder });
    expect(node.stderr.match(new RegExp(DAMAGE, 'gm'))).toHaveLength(1);
    await expectAllListed(node);
  },
  PATIENCE_MS,
);
