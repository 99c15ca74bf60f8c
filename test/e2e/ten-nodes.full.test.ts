import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeProcess } from '../../src/cli/node-process.ts';
import { useNodes } from './support/start-node.ts';
import { agreement, listing } from './support/views.ts';

const nodes = useNodes();

test('ten nodes ADDed in a line are one network with one list, and a file passes from end to end', async () => {
  const ten = await nodes.startLine(10);
  await agreement(ten);
  await Promise.all(ten.map(({ folder }, index) => writeFile(join(folder, `${index}.txt`), `from node ${index}`)));
  await listing(
    ten,
    [...ten.keys()].map((index) => `${index}.txt`),
  );
  await agreement(ten);

  const [first, last] = [ten[0], ten[9]] as [NodeProcess, NodeProcess];
  await Promise.all([first.expect('received', 'GET 9.txt'), last.expect('received', 'GET 0.txt')]);
  expect(await readFile(join(first.folder, '9.txt'), 'utf8')).toBe('from node 9');
  expect(await readFile(join(last.folder, '0.txt'), 'utf8')).toBe('from node 0');
}, 120_000);
