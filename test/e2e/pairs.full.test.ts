import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeProcess } from '../../src/cli/node-process.ts';
import { sha256File, writeRandomFile } from './support/files.ts';
import { HASTY, SHIPPED_CONFIG, useNodes } from './support/start-node.ts';
import { agreement, listing } from './support/views.ts';

const MIB = 1024 * 1024;
const SIZES = { 'empty.bin': 0, 'one byte.bin': 1, 'a mebibyte.bin': MIB, '16 mebibytes.bin': 16 * MIB };

const PAIRS = ['mrt-udp', 'tcp', 'websocket'].flatMap((transport) =>
  ['aes-gcm', 'aes-js', 'none'].map((cipher) => ({ transport, cipher, profile: `${transport}.${cipher}` })),
);

/** A config as a user would write it, with a profile for each pair, of the plugins that the shipped one lists. */
const CONFIG = `import shipped from ${JSON.stringify(SHIPPED_CONFIG.href)};
const use = (name) => shipped.plugins.find(({ definition }) => definition.name === name)();
const settings = ${JSON.stringify(HASTY)};
const profiles = ${JSON.stringify(PAIRS)}.map(({ transport, cipher, profile }) => [
  profile,
  { extends: 'default', about: 'For these tests.', transport: use(transport), cipher: use(cipher), settings },
]);
export default { ...shipped, profiles: { ...shipped.profiles, ...Object.fromEntries(profiles) } };
`;

// What the documented system does, over every transport under every cipher: three nodes in a line, told apart by --profile alone.
describe.each(PAIRS)('$transport with $cipher', ({ profile }) => {
  const nodes = useNodes({ lasting: 'file' });
  const checksums = new Map<string, string>();
  let a: NodeProcess;
  let b: NodeProcess;
  let c: NodeProcess;

  beforeAll(async () => {
    const config = join(await nodes.folder('config'), 'pairs.config.mjs');
    await writeFile(config, CONFIG);
    const ofA = await nodes.folder('a');
    for (const [name, size] of Object.entries(SIZES)) checksums.set(name, await writeRandomFile(join(ofA, name), size));
    const flags = ['--config', config, '--profile', profile];
    [a, b, c] = await Promise.all([
      nodes.start({ folder: ofA, flags }),
      nodes.start({ flags }),
      nodes.start({ flags }),
    ]);
  }, 60_000);

  test('ADD in a line makes all know all, and LIST the same everywhere', async () => {
    expect(a.ready.profile).toBe(profile);
    await b.expect('added', `ADD ${a.address}`);
    await c.expect('added', `ADD ${b.address}`);
    const files = await agreement([a, b, c]);
    expect(new Map(files.map(({ name, checksum }) => [name, checksum]))).toEqual(checksums);
  });

  test.each(Object.entries(SIZES))('GET brings %s whole, from a node that is no neighbour', async (name, size) => {
    expect(await c.expect('received', `GET ${name}`)).toMatchObject({ name, size, checksum: checksums.get(name) });
    expect(await sha256File(join(c.folder, name))).toBe(checksums.get(name));
  });

  test('SEND gives a file to every node', async () => {
    const checksum = await writeRandomFile(join(b.folder, 'for all.bin'), 3 * MIB);
    await listing([a, b, c], ['for all.bin'], { among: (name) => name === 'for all.bin' });
    const { to } = await b.expect('sent', 'SEND for all.bin');
    expect(new Map(to.map(({ id, result }) => [id, result]))).toEqual(
      new Map([a, c].map(({ id }) => [id, 'received'])),
    );
    for (const node of [a, c]) expect(await sha256File(join(node.folder, 'for all.bin'))).toBe(checksum);
  });

  test('after kill -9 of the node between them the two others connect, agree and exchange a file', async () => {
    await b.kill();
    await agreement([a, c]);
    const checksum = await writeRandomFile(join(c.folder, 'after the loss.bin'), MIB);
    await listing([a], ['after the loss.bin'], { among: (name) => name === 'after the loss.bin' });
    await a.expect('received', 'GET after the loss.bin');
    expect(await sha256File(join(a.folder, 'after the loss.bin'))).toBe(checksum);
  });

  test('BYE ends a node well, and the other hears of it', async () => {
    await Promise.all([a.waitFor('peer-left', ({ id }) => id === c.id), c.expect('closed', 'BYE')]);
    expect(await c.ended).toEqual({ code: 0, signal: null });
    await agreement([a]);
  });
});
