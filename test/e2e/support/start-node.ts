import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NodeProcess, type NodeProcessOptions } from '../../../src/cli/node-process.ts';
import type { SettingsInput } from '../../../src/kernel/index.ts';
import { systemClock, systemRandom } from '../../../src/kit/index.ts';
import { formatSharedKey, makeSharedKey } from '../../../src/node/identity/shared-key.ts';
import { IS_SHIPPED, PAIR, type Pair } from './pair.ts';

/** The built program, which `npm test` has just made. */
export const PROGRAM = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url));
/** The config that comes with the program. */
const SHIPPED_CONFIG = new URL('../../../dist/plugins.config.js', import.meta.url);

/** The documented timers, and those that go with them, to a fifth. */
export const HASTY: SettingsInput = {
  heartbeatMs: 400,
  deadMs: 2_000,
  scanMs: 1_000,
  settleMs: 200,
  dialFallbackMs: 400,
  transferStallMs: 2_000,
  // Copies that nodes make by themselves would be in the way of what these tests count; the shipped profile makes them.
  replicas: 0,
};

export interface NodesOptions {
  /**
   * Settings of every node, in a profile of the tests' own that extends the shipped default. Without any that one is run as it is, where
   * its transport and cipher are those of this run.
   */
  readonly settings?: SettingsInput;
  /** How long nodes and folders last: till the end of the test they were made in, or of the file. */
  readonly lasting?: 'test' | 'file';
}

export type StartNodeOptions = Partial<
  Pick<NodeProcessOptions, 'folder' | 'flags' | 'key' | 'environment' | 'program' | 'readyMs'>
> & {
  /** Whether the node goes on when its input ends, and so might outlive a test run that is cut off. */
  readonly outlivesInput?: boolean;
};

export interface ConfigChanges {
  readonly cipher?: Pair['cipher'];
  readonly settings?: SettingsInput;
}

/** Real node processes for the tests of one file; in the end what they started is killed and what they made is removed. */
export interface Nodes {
  /** The shared key of the nodes that are given no other. */
  readonly key: string;
  /** The profile of the nodes that are given no config of their own. */
  readonly profile: string;
  /** Writes a config as these nodes have it but for the cipher, or with further settings; resolves to its path. */
  configWith(changes: ConfigChanges): Promise<string>;
  /** A new folder, which becomes that of a node, or holds anything else. */
  folder(name?: string): Promise<string>;
  /** Starts a node, in a new folder unless told otherwise, and waits until it is ready. */
  start(options?: StartNodeOptions): Promise<NodeProcess>;
  /** Starts nodes that ADD each other in a line: the first the second, the second the third, and so on. */
  startLine(count: number, options?: StartNodeOptions): Promise<NodeProcess[]>;
}

/** Call once at the top of a test file. */
export function useNodes({ settings, lasting = 'test' }: NodesOptions = {}): Nodes {
  const key = formatSharedKey(makeSharedKey(systemRandom()));
  const clock = systemClock();
  const started: Promise<NodeProcess>[] = [];
  let root: Promise<string> | undefined;
  let folders = 0;

  const clear = async () => {
    // One that does not become ready has been killed when its promise rejects.
    await Promise.allSettled(started.splice(0).map(async (starting) => (await starting).kill()));
    if (root !== undefined) await rm(await root, { recursive: true, force: true, maxRetries: 5 });
    root = undefined;
  };
  if (lasting === 'test') afterEach(clear);
  else afterAll(clear);

  const hasConfig = settings !== undefined || !IS_SHIPPED;
  const getRoot = () => (root ??= makeRoot(hasConfig ? configOf(PAIR, settings) : undefined));
  const configWith = async ({ cipher = PAIR.cipher, settings: further }: ConfigChanges): Promise<string> => {
    const path = join(await folder(), CONFIG_FILE);
    await writeFile(path, configOf({ ...PAIR, cipher }, { ...settings, ...further }));
    return path;
  };
  const folder = async (name?: string): Promise<string> => {
    const number = (folders += 1);
    const path = join(await getRoot(), name ?? `folder-${number}`);
    await mkdir(path, { recursive: true });
    return path;
  };
  const start = async ({
    flags = [],
    outlivesInput = false,
    ...options
  }: StartNodeOptions = {}): Promise<NodeProcess> => {
    const directory = await getRoot();
    const folderOfNode = options.folder ?? (await folder());
    const node = NodeProcess.start({
      key,
      clock,
      program: PROGRAM,
      ...options,
      environment: { XDG_CONFIG_HOME: join(directory, 'user'), ...options.environment },
      flags: [
        ...(hasConfig && !flags.includes('--config') ? ['--config', join(directory, CONFIG_FILE)] : []),
        ...(outlivesInput ? [] : ['--exit-on-eof']),
        ...flags,
      ],
      folder: folderOfNode,
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
  return { key, profile: hasConfig ? profileOf(PAIR) : 'default', configWith, folder, start, startLine };
}

const CONFIG_FILE = 'peerhold.config.mjs';

async function makeRoot(config: string | undefined): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'peerhold-e2e-')));
  if (config !== undefined) await writeFile(join(root, CONFIG_FILE), config);
  return root;
}

function profileOf({ transport, cipher }: Pair): string {
  return `${transport}.${cipher}`;
}

/** A config as a user would write it; it finds the shipped one by its path, which saves each node a TypeScript compiler. */
function configOf(pair: Pair, settings: SettingsInput = {}): string {
  const profile = JSON.stringify(profileOf(pair));
  return `import shipped from ${JSON.stringify(SHIPPED_CONFIG.href)};
const use = (name) => shipped.plugins.find(({ definition }) => definition.name === name)();
const profiles = {
  ...shipped.profiles,
  ${profile}: {
    extends: 'default',
    about: 'For these tests.',
    transport: use(${JSON.stringify(pair.transport)}),
    cipher: use(${JSON.stringify(pair.cipher)}),
    settings: ${JSON.stringify(settings)},
  },
};
export default { ...shipped, profiles, defaultProfile: ${profile} };
`;
}
