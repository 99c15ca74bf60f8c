// Two nodes inside another program: a publisher that puts a file into its folder, and a reader that waits for it, fetches it and ends.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNode, resolveProfile, type NodeWorld, type StorageNode } from 'peerhold';
import shipped from 'peerhold/config';
import { nodeDisk, openLevelIndex, systemClock, systemRandom, workerHasher } from 'peerhold/kit';

const random = systemRandom();
/** Nodes with the same key form a network. A real program reads it from where its secrets are. */
const sharedKey = random.bytes(32);
const profile = resolveProfile(shipped, 'default');

/** A node, and what was opened for it; all of it is closed in reverse. */
async function openNode(folder: string, user: string): Promise<{ node: StorageNode; close: () => Promise<void> }> {
  const privateDirectory = join(folder, '.peerhold');
  await mkdir(privateDirectory, { recursive: true, mode: 0o700 });
  const { index } = await openLevelIndex(join(privateDirectory, 'index'));
  const hasher = workerHasher();
  const world: NodeWorld = {
    clock: systemClock(),
    random,
    disk: nodeDisk(folder),
    index,
    hasher,
    environment: process.env,
    stderr: { isTerminal: false, write: (text) => void process.stderr.write(text) },
    privateDirectory,
  };
  const node = await createNode({ profile, world, sharedKey, user, listen: '127.0.0.1:0' });
  const close = async () => {
    await node.close();
    await hasher.close();
    await index.close();
  };
  return { node, close };
}

/** Resolves when the node lists a file of this name that another node holds. */
async function listed(node: StorageNode, name: string): Promise<void> {
  while (!node.list().some((file) => file.name === name && !file.holders.includes(node.id))) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const folder = await mkdtemp(join(tmpdir(), 'peerhold-embedded-'));
const publisher = await openNode(join(folder, 'publisher'), 'ann');
const reader = await openNode(join(folder, 'reader'), 'bob');
try {
  const stopListening = reader.node.subscribe((event) => {
    if (event.type === 'peer-joined')
      console.log(`joined ${event.id === publisher.node.id ? 'the publisher' : event.id}`);
  });
  await reader.node.add(publisher.node.address);
  await writeFile(join(folder, 'publisher', 'report.txt'), 'All is well.\n');
  await listed(reader.node, 'report.txt');
  const { name, size } = await reader.node.get('report.txt', {
    onProgress: ({ received, size: of }) => console.log(`${received} of ${of} bytes`),
  });
  console.log(`fetched ${name}, ${size} bytes: ${(await readFile(join(folder, 'reader', name), 'utf8')).trim()}`);
  stopListening();
} finally {
  await reader.close();
  await publisher.close();
  await rm(folder, { recursive: true });
}
