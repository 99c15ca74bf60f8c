import { createHash, randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeProcess } from '../../src/cli/node-process.ts';
import { seededRandom } from '../../src/kit/index.ts';
import { eventually } from './support/eventually.ts';
import { sha256File } from './support/files.ts';
import { HASTY, useNodes } from './support/start-node.ts';
import { agreement } from './support/views.ts';

const SECONDS = 60;
const SEED = 1;
const SETTLED_MS = 20_000;
/** When a silent node is given up: `deadMs` of the nodes. */
const MISSED_MS = 2_000;
const FILES = 12;
const MAX_SIZE = 256 * 1024;
/** What a GET may end with while the file it wants is being removed or written anew. */
const LATE = /^ERR_(NO_SUCH_FILE|NO_SOURCE)$/;

const nodes = useNodes({ settings: HASTY });

test(`four nodes that add, change, delete and fetch files, are killed and come back for ${SECONDS} s, end with one list, true to the last byte`, async () => {
  const user = { flags: ['--user', 'everybody'] };
  const four = await nodes.startLine(4, user);
  await four[3]?.expect('added', `ADD ${four[0]?.address}`);
  const random = seededRandom(SEED);
  const pick = (count: number) => Math.floor(random.fraction() * count);
  // Each file has one node that writes it; whoever fetched it only holds it.
  const nameOf = (index: number) => `file ${index}.bin`;
  const writerOf = (index: number) => four[index % four.length] as NodeProcess;
  const current = new Map<string, string>();

  const deadline = performance.now() + 1_000 * SECONDS;
  while (performance.now() < deadline) {
    const index = pick(FILES);
    const [name, writer, someone] = [nameOf(index), writerOf(index), four[pick(four.length)] as NodeProcess];
    const deed = random.fraction();
    if (deed < 0.4) {
      const content = randomBytes(pick(MAX_SIZE));
      await writeFile(join(writer.folder, name), content);
      current.set(name, createHash('sha256').update(content).digest('hex'));
    } else if (deed < 0.6) {
      // Everywhere: a deletion takes back one's own holding, and a copy elsewhere would keep the file in the list.
      await Promise.all(four.map(({ folder }) => rm(join(folder, name), { force: true })));
      current.delete(name);
    } else if (deed < 0.98) {
      const answer = await someone.command(`GET ${name}`);
      if (answer.event === 'error') expect(answer.code).toMatch(LATE);
      else expect(answer.event).toBe('received');
    } else {
      await someone.kill();
      // Sooner than the others miss it, or later.
      await sleep(pick(2 * MISSED_MS));
      four[four.indexOf(someone)] = await nodes.start({ ...user, folder: someone.folder });
    }
    await sleep(pick(50));
  }

  for (const name of [...Array(FILES).keys()].map(nameOf).filter((each) => !current.has(each))) {
    await Promise.all(four.map(({ folder }) => rm(join(folder, name), { force: true })));
  }
  await eventually(async () => {
    const files = await agreement(four);
    const listed = files.filter((file) => file.current).map(({ name, checksum }) => [name, checksum] as const);
    expect(new Map(listed)).toEqual(current);
  }, SETTLED_MS);
  for (const [name, checksum] of current) {
    for (const node of four) {
      await node.expect('received', `GET ${name}`);
      expect(await sha256File(join(node.folder, name))).toBe(checksum);
    }
  }
}, 180_000);
