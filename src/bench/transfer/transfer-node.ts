import { sleep, withDeadline } from '../../kit/index.ts';
import type { BenchContext } from '../bench.ts';
import type { NodeStart } from '../footprint/start-words.ts';
import { watchedNode } from '../footprint/watched-node.ts';
import type { JsonLine, WatchedProcess } from '../footprint/watched-process.ts';
import { peakMemoryOf } from '../transport/process-figures.ts';
import type { WrittenFile } from './contents.ts';

/** What the nodes of one run have in common. */
export interface NodeNetwork {
  readonly context: BenchContext;
  readonly config: string;
  readonly sharedKey: Uint8Array;
}

/** How often a node is asked what it knows of, and for how long: it may have to hash all of it first. */
const POLL_MS = 200;
const LISTED_MS = 60_000;
/** What moves more slowly is not worth waiting for. */
const COMMAND_MS = 60_000;

/** A node as `peerhold start --json` runs it, in a process and a folder of its own. */
export class TransferNode {
  readonly folder: string;
  readonly #context: BenchContext;
  readonly #process: WatchedProcess;
  #address = '';
  #commands = 0;

  private constructor(network: NodeNetwork, start: Omit<NodeStart, 'config'>) {
    const { context, config, sharedKey } = network;
    this.folder = start.folder;
    this.#context = context;
    this.#process = watchedNode({ context, sharedKey, start: { ...start, config }, withFigures: false });
  }

  /** Starts it; where it does not become ready, it has ended when the call rejects. */
  static async start(network: NodeNetwork, start: Omit<NodeStart, 'config'>): Promise<TransferNode> {
    const node = new TransferNode(network, start);
    try {
      const { address } = await node.#process.next('ready');
      node.#address = String(address);
      return node;
    } catch (error) {
      await node.close();
      throw error;
    }
  }

  get address(): string {
    return this.#address;
  }

  /** Connects it to another. */
  async add(address: string): Promise<void> {
    await this.#command(`ADD ${address}`);
  }

  /** Waits until it knows of all these files, and of so many nodes that hold each. */
  async list(files: readonly WrittenFile[], holders = 1): Promise<void> {
    const { clock, signal } = this.#context;
    const late = () =>
      new Error(`what is to be moved was not listed with ${holders} holders after ${LISTED_MS / 1_000} s`);
    await withDeadline(clock, LISTED_MS, late, signal, async (given) => {
      while (!given.aborted && !(await this.#knows(files, holders))) await sleep(clock, POLL_MS, given);
    });
  }

  /**
   * Fetches a file, or all of a folder. Resolves to the bytes that came of one file.
   *
   * @throws Error where anything of it did not come.
   */
  async get(query: string): Promise<number> {
    const { failed, failures, sources } = (await this.#command(`GET ${query}`)) as Got;
    const [missing] = failures ?? [];
    if (missing !== undefined)
      throw new Error(`${failed ?? 1} files did not come, such as ${missing.name}: ${missing.message}`);
    return Object.values(sources ?? {}).reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Most memory it had in RAM so far, in bytes; undefined where the system does not tell. */
  peakMemory(): Promise<number | undefined> {
    return peakMemoryOf(this.#process.pid);
  }

  /** Stops its process, so that it does nothing any more and does not know it. */
  freeze(): void {
    this.#process.signal('SIGSTOP');
  }

  /** Lets it go on. */
  thaw(): void {
    this.#process.signal('SIGCONT');
  }

  /** Ends its process at once. Idempotent. */
  close(): Promise<void> {
    return this.#process.close();
  }

  async #knows(files: readonly WrittenFile[], holders: number): Promise<boolean> {
    const { files: listed } = (await this.#command('LIST')) as unknown as Listed;
    const held = new Set(listed.filter((each) => each.holders.length >= holders).map(keyOf));
    return files.every((file) => held.has(keyOf(file)));
  }

  /** Gives a command; resolves to its final event. */
  async #command(line: string): Promise<JsonLine> {
    const command = ++this.#commands;
    this.#process.write(line);
    // What is said of a file on the way has the number of all files with it.
    const isFinal = (event: JsonLine) => event['command'] === command && event['of'] === undefined;
    const answer = await this.#process.find(`the answer to ${line}`, isFinal, COMMAND_MS);
    if (answer['event'] === 'error')
      throw new Error(`${line}: ${String(answer['code'])}: ${String(answer['message'])}`);
    return answer;
  }
}

interface Got {
  readonly failed?: number;
  readonly failures?: readonly { readonly name: string; readonly message: string }[];
  readonly sources?: Readonly<Record<string, number>>;
}

interface Listed {
  readonly files: readonly (Pick<WrittenFile, 'name' | 'checksum'> & { readonly holders: readonly string[] })[];
}

function keyOf({ name, checksum }: Pick<WrittenFile, 'name' | 'checksum'>): string {
  return `${checksum} ${name}`;
}
