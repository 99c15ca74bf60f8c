import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toError } from '../../src/kernel/index.ts';
import { systemClock, systemRandom } from '../../src/kit/index.ts';
import { formatSharedKey, makeSharedKey } from '../../src/node/identity/shared-key.ts';
import { Written } from '../../src/sim/run/written.ts';
import { nameOf } from '../../src/sim/scenario/topology.ts';
import { HASTY, PROGRAM } from '../e2e/support/start-node.ts';
import { viewOf } from '../e2e/support/views.ts';
import type { ChaosNetwork } from './chaos-network.ts';
import { ChaosNode } from './chaos-node.ts';
import { EmulatedStar } from './emulated-star.ts';
import { Flooder } from './flooder.ts';
import { historyOf, type History } from './history.ts';
import { inspect, missing } from './inspection.ts';
import type { ChaosOptions } from './options.ts';
import { Performer } from './performer.ts';
import { RelayedNetwork } from './relayed-network.ts';

/** What a run came to. */
export interface ChaosResult {
  /** What did not hold, or was done that no node may do; empty where all is well. */
  readonly problems: readonly string[];
  /** Folders and logs of the nodes, kept where something did not hold. */
  readonly kept: string | undefined;
}

/**
 * The documented timers to a fifth, so that what happens in seconds is long for a node; and files that take a second or two, so that it happens while
 * they are on their way.
 */
const SETTINGS = { ...HASTY, uploadRate: 4 * 1024 * 1024 };
/** The shipped config, built. */
const SHIPPED = new URL('../../dist/plugins.config.js', import.meta.url);
/** How long views may take until they agree: a node that has lost all others asks for them every half minute. */
const PATIENCE_MS = 75_000;
const POLL_MS = 200;

/**
 * Starts nodes, has a history happen to them, heals everything, and looks at what is left. Aborted, it ends all it started and rejects with the
 * reason. Rejects with ERR_EMULATOR where links cannot be emulated.
 */
export async function runChaos(
  options: ChaosOptions,
  { print, signal }: { readonly print: (line: string) => void; readonly signal: AbortSignal },
): Promise<ChaosResult> {
  const { seed, nodes, emulator } = options;
  const clock = systemClock();
  const network: ChaosNetwork =
    emulator === undefined
      ? await RelayedNetwork.open(nodes)
      : await EmulatedStar.open({ file: resolve(emulator), nodes, seed, clock, isRoot: process.getuid?.() === 0 });
  const root = await realpath(await mkdtemp(join(tmpdir(), 'peerhold-chaos-')));
  const run = new ChaosRun({ ...options, network, root, print, signal });
  let isKept = false;
  try {
    const problems = await run.toTheEnd();
    isKept = problems.length > 0;
    return { problems, kept: isKept ? root : undefined };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    await run.close();
    await network.close();
    if (!isKept) await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface ChaosRunOptions extends ChaosOptions {
  readonly network: ChaosNetwork;
  /** An empty folder for everything. */
  readonly root: string;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

class ChaosRun {
  readonly #options: ChaosRunOptions;
  readonly #problems: string[] = [];
  readonly #written = new Written();
  readonly #history: History;
  readonly #nodes: readonly ChaosNode[];
  readonly #flooder: Flooder;
  readonly #performer: Performer;
  readonly #startedMs = performance.now();

  constructor(options: ChaosRunOptions) {
    const { seed, network, root } = options;
    this.#options = options;
    this.#history = historyOf(options);
    const onProblem = (problem: string) => this.#tellProblem(problem);
    const key = formatSharedKey(makeSharedKey(systemRandom()));
    this.#nodes = Array.from({ length: options.nodes }, (_, index) => {
      const name = nameOf(index + 1);
      return new ChaosNode({
        name,
        user: index % 2 === 0 ? 'ann' : 'ben',
        folder: join(root, name),
        logFile: join(root, `${name}.log`),
        host: network.host(name),
        config: join(root, CONFIG_FILE),
        key,
        environment: { XDG_CONFIG_HOME: join(root, 'user') },
        program: PROGRAM,
        clock: systemClock(),
        onProblem,
      });
    });
    this.#flooder = new Flooder({ launcher: network.strangerLauncher, onProblem });
    this.#performer = new Performer({
      ...{ seed, network, onProblem },
      nodes: this.#nodes,
      flooder: this.#flooder,
      written: this.#written,
      workshop: join(root, 'workshop'),
      tell: (line) => this.#tell(line),
    });
  }

  /** Runs; resolves to what did not hold. */
  async toTheEnd(): Promise<readonly string[]> {
    const { network, seconds, seed, nodes } = this.#options;
    this.#options.print(`seed ${seed}: ${nodes} nodes for ${seconds} s on ${network.about}`);
    await this.#begin();
    // Where they do not even start, nothing else means anything.
    if (this.#problems.length > 0) return this.#problems;
    await this.#live();
    this.#tell('everything is healed');
    await this.#performer.heal();
    await this.#settle('views agree and nothing is lost', () => inspect(this.#nodes, this.#written));
    this.#tell(`commands: ${this.#performer.summary}`);
    await this.#fetchAll();
    await Promise.all(this.#nodes.map((node) => node.leave()));
    for (const node of this.#nodes) for (const line of await node.wrongLogLines()) this.#tellProblem(line);
    return this.#problems;
  }

  /** Ends every process. */
  async close(): Promise<void> {
    this.#performer.close();
    await this.#flooder.close();
    await Promise.all(this.#nodes.map((node) => node.kill()));
  }

  async #begin(): Promise<void> {
    const { root } = this.#options;
    await mkdir(join(root, 'workshop'));
    await writeFile(join(root, CONFIG_FILE), CONFIG);
    for (const node of this.#nodes) await mkdir(node.folder);
    await Promise.all(this.#nodes.map((node) => node.start()));
    for (const [name, other] of this.#history.edges) this.#performer.add(name, other);
    await this.#performer.idle();
    await this.#settle('the nodes know each other', () => inspect(this.#nodes, this.#written));
  }

  async #live(): Promise<void> {
    const { signal, seconds } = this.#options;
    const began = performance.now();
    const until = (at: number) => sleep(Math.max(0, began + 1_000 * at - performance.now()), undefined, { signal });
    for (const event of this.#history.events) {
      await until(event.at);
      this.#performer.perform(event);
    }
    await until(seconds);
  }

  /** Everybody fetches every file there is; then everybody has it, whole. */
  async #fetchAll(): Promise<void> {
    const [first] = this.#nodes;
    if (first?.running === undefined || this.#problems.length > 0) return;
    const files = (await viewOf(first.running)).files.filter(({ current }) => current);
    for (const node of this.#nodes) for (const { name } of files) this.#performer.command(node.name, `GET ${name}`);
    await this.#performer.idle();
    for (const problem of await missing(this.#nodes, files)) this.#tellProblem(problem);
    await this.#settle(`all have all ${files.length} files`, () => inspect(this.#nodes, this.#written));
  }

  /** Looks until there is nothing to complain of, or patience ends. */
  async #settle(what: string, look: () => Promise<string[]>): Promise<void> {
    const { signal } = this.#options;
    const began = performance.now();
    for (;;) {
      const found = await look().catch((error: unknown) => [toError(error).message]);
      if (found.length === 0) {
        this.#tell(`${what}, after ${((performance.now() - began) / 1_000).toFixed(1)} s`);
        return;
      }
      if (performance.now() - began > PATIENCE_MS) {
        for (const problem of found) this.#tellProblem(`after ${PATIENCE_MS / 1_000} s: ${problem}`);
        return;
      }
      await sleep(POLL_MS, undefined, { signal });
    }
  }

  #tellProblem(problem: string): void {
    this.#problems.push(problem);
    this.#tell(`PROBLEM: ${problem}`);
  }

  #tell(line: string): void {
    const seconds = (performance.now() - this.#startedMs) / 1_000;
    this.#options.print(`${seconds.toFixed(1).padStart(7)} s  ${line}`);
  }
}

const CONFIG_FILE = 'peerhold.config.mjs';
/** A config as a user would write it: the shipped default with these settings. */
const CONFIG = `import shipped from ${JSON.stringify(SHIPPED.href)};
const chaos = { extends: 'default', about: 'For chaos.', settings: ${JSON.stringify(SETTINGS)} };
export default { ...shipped, profiles: { ...shipped.profiles, chaos }, defaultProfile: 'chaos' };
`;
