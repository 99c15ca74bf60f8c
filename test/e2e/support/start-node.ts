import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NodeProcess, type NodeProcessOptions } from '../../../src/cli/node-process.ts';
import { systemClock, systemRandom } from '../../../src/kit/index.ts';
import { formatSharedKey, makeSharedKey } from '../../../src/node/identity/shared-key.ts';

/** The built program, which `npm test` has just made. */
export const PROGRAM = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url));

export type StartNodeOptions = Partial<Pick<NodeProcessOptions, 'folder' | 'flags' | 'key' | 'environment'>>;

/** Real node processes for the tests of one file; after each test what it started is killed and what it made is removed. */
export interface Nodes {
  /** The shared key of the nodes that are given no other. */
  readonly key: string;
  /** A new folder, which becomes that of a node, or holds anything else. */
  folder(name?: string): Promise<string>;
  /** Starts a node, in a new folder unless told otherwise, and waits until it is ready. */
  start(options?: StartNodeOptions): Promise<NodeProcess>;
  /** Starts nodes that ADD each other in a line: the first the second, the second the third, and so on. */
  startLine(count: number, options?: StartNodeOptions): Promise<NodeProcess[]>;
}

/** Call once at the top of a test file. */
export function useNodes(): Nodes {
  const key = formatSharedKey(makeSharedKey(systemRandom()));
  const clock = systemClock();
  const started: NodeProcess[] = [];
  let root: string | undefined;
  let folders = 0;

  afterEach(async () => {
    await Promise.all(started.splice(0).map((node) => node.kill()));
    if (root !== undefined) await rm(root, { recursive: true, force: true, maxRetries: 5 });
    root = undefined;
  });

  const folder = async (name?: string): Promise<string> => {
    root ??= await realpath(await mkdtemp(join(tmpdir(), 'peerhold-e2e-')));
    folders += 1;
    const path = join(root, name ?? `folder-${folders}`);
    await mkdir(path, { recursive: true });
    return path;
  };
  const start = async (options: StartNodeOptions = {}): Promise<NodeProcess> => {
    const node = await NodeProcess.start({
      key,
      clock,
      program: PROGRAM,
      ...options,
      folder: options.folder ?? (await folder()),
    });
    started.push(node);
    return node;
  };
  const startLine = async (count: number, options: StartNodeOptions = {}): Promise<NodeProcess[]> => {
    const nodes = await Promise.all(Array.from({ length: count }, () => start(options)));
    for (const [index, node] of nodes.entries()) {
      const next = nodes[index + 1];
      if (next !== undefined) await node.expect('added', `ADD ${next.address}`);
    }
    return nodes;
  };
  return { key, folder, start, startLine };
}
