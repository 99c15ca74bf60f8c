import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transfer } from '../../../../src/bench/transfer/index.ts';
import type { NodeNetwork } from '../../../../src/bench/transfer/transfer-node.ts';
import { makeSharedKey } from '../../../../src/node/identity/shared-key.ts';
import { seededRandom } from '../../../../src/kit/index.ts';
import { benchContext } from '../../support/bench-context.ts';

/** Copies what is asked for, and says so. */
export const HONEST_GET = `
  const names = argument.endsWith('/') ? listed().filter((name) => name.startsWith(argument)) : [argument];
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(join(from, name), join(folder, name));
    if (argument.endsWith('/')) say({ event: 'received', name, of: names.length });
  }
  say(argument.endsWith('/') ? { event: 'got', files: names.length, failed: 0, failures: [] } : { event: 'received', sources: { a: 3, b: 4 } });
`;

/**
 * A program that speaks as `peerhold start --json` does and has no network: the address of a node is its folder, and GET is what the test says.
 * Every file is held by four.
 */
export async function fakeNode(directory: string, get: string): Promise<string> {
  const path = join(directory, 'fake-node.mjs');
  await writeFile(
    path,
    `import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { createInterface } from 'node:readline';
const folder = process.argv[3];
mkdirSync(folder, { recursive: true });
let from = folder;
let command;
const say = (event) => console.log(JSON.stringify({ ...event, command }));
const listed = () =>
  readdirSync(from, { recursive: true }).filter((name) => statSync(join(from, name)).isFile()).map((name) => name.split(sep).join('/'));
const checksum = (name) => createHash('sha256').update(readFileSync(join(from, name))).digest('hex');
say({ event: 'ready', address: folder });
command = 0;
createInterface({ input: process.stdin })
  .on('close', () => process.exit())
  .on('line', (line) => {
    command += 1;
    const [word, argument] = line.split(' ');
    if (word === 'ADD') {
      from = argument;
      say({ event: 'added' });
    }
    if (word === 'LIST')
      say({ event: 'listed', files: listed().map((name) => ({ name, checksum: checksum(name), holders: ['a', 'b', 'c', 'd'] })) });
    if (word === 'GET') {${get}}
  });
`,
  );
  return path;
}

/** What nodes are started with, where the program is the fake one. */
export async function fakeNetwork(directory: string, get: string, signal?: AbortSignal): Promise<NodeNetwork> {
  const program = { file: await fakeNode(directory, get), config: undefined };
  const context = benchContext(transfer, { program, ...(signal === undefined ? {} : { signal }) });
  return { context, config: 'none.mjs', sharedKey: makeSharedKey(seededRandom(1)) };
}
