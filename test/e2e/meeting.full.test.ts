import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HASTY, useNodes } from './support/start-node.ts';
import { agreement } from './support/views.ts';

const nodes = useNodes({ settings: HASTY });

describe('two nodes', () => {
  test('that ADD each other at the same instant share one connection and 1,000 files', async () => {
    const [left, right] = [await nodes.folder('left'), await nodes.folder('right')];
    const names = Array.from({ length: 1_000 }, (_, index) => `file ${String(index).padStart(3, '0')} & more.txt`);
    await Promise.all(names.map((name) => writeFile(join(left, name), `The content of ${name}`)));
    const [a, b] = await Promise.all([nodes.start({ folder: left }), nodes.start({ folder: right })]);

    await Promise.all([a.expect('added', `ADD ${b.address}`), b.expect('added', `ADD ${a.address}`)]);
    const files = await agreement([a, b]);
    expect(files.map(({ name }) => name)).toEqual(names);
    for (const node of [a, b]) expect(await node.expect('status', 'STATUS')).toMatchObject({ direct: 1, known: 1 });
    await b.expect('received', `GET ${names[999]}`);
  });
});
