import { sleep, withDeadline } from '../../kit/index.ts';
import type { BenchContext } from '../bench.ts';
import { TimelyWorker } from '../timely-worker.ts';
import type { PeersQuestion } from './peers-role.ts';
import type { NodeStart } from './start-words.ts';
import { watchedNode } from './watched-node.ts';
import type { IdleFigures, WatchedProcess } from './watched-process.ts';

export interface IdleNodeOptions {
  readonly context: BenchContext;
  readonly start: NodeStart;
  readonly sharedKey: Uint8Array;
}

/** How often the node is asked whether it has its connections, and for how long. */
const POLL_MS = 100;
const CONNECTED_MS = 20_000;

/** A node as `peerhold start` runs it, of which nobody wants anything, and a process with its peers. */
export class IdleNode {
  readonly name: string;
  readonly #options: IdleNodeOptions;
  readonly #node: WatchedProcess;
  readonly #peers: TimelyWorker;
  #address = '';

  private constructor(options: IdleNodeOptions, node: WatchedProcess, peers: TimelyWorker) {
    this.name = options.start.profile;
    this.#options = options;
    this.#node = node;
    this.#peers = peers;
  }

  /** Starts both; where the node does not become ready, both have ended when the call rejects. */
  static async start(options: IdleNodeOptions): Promise<IdleNode> {
    const { context, start } = options;
    const peers = new TimelyWorker(await context.startWorker('peers'), `the peers of ${start.profile}`, context);
    const node = watchedNode({ ...options, withFigures: true });
    const idle = new IdleNode(options, node, peers);
    try {
      const { address } = await node.next('ready');
      idle.#address = String(address);
      return idle;
    } catch (error) {
      await idle.close();
      throw error;
    }
  }

  /** Connects peers until the node has so many direct connections. `false`: none of another process can reach it. */
  async connect(count: number): Promise<boolean> {
    const { context, start, sharedKey } = this.#options;
    const { clock, signal } = context;
    if (count === 0) return true;
    const question: PeersQuestion = {
      ask: 'connect',
      profile: start.profile,
      sharedKey,
      address: this.#address,
      count,
    };
    if ((await this.#peers.ask(question)) === 0) return false;
    const late = () =>
      new Error(`${this.name} did not have ${count} direct connections after ${CONNECTED_MS / 1_000} s`);
    await withDeadline(clock, CONNECTED_MS, late, signal, async (given) => {
      while (!given.aborted && (await this.#direct()) !== count) await sleep(clock, POLL_MS, given);
    });
    return true;
  }

  /** Watches the node for so long. */
  watch(milliseconds: number): Promise<IdleFigures> {
    return this.#node.watch(milliseconds);
  }

  /** Ends both processes. */
  async close(): Promise<void> {
    await Promise.all([this.#node.close(), this.#peers.close()]);
  }

  async #direct(): Promise<unknown> {
    this.#node.write('STATUS');
    return (await this.#node.next('status'))['direct'];
  }
}
