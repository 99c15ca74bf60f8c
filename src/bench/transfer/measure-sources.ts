import { join } from 'node:path';
import { sleep } from '../../kit/index.ts';
import { linkInto, writeContent, type WrittenFile } from './contents.ts';
import { measureMoves, type Move, type MoveOutcomes } from './mover.ts';
import type { PartOptions } from './part.ts';
import { SOURCE_COUNTS } from './plan.ts';
import { receive } from './receive.ts';
import { TransferNode } from './transfer-node.ts';

/** From how many sources a file comes, and whether one of them stops half way. */
export interface SourcesCondition {
  readonly name: string;
  readonly sources: number;
  readonly freezes: boolean;
}

const MOST_SOURCES = Math.max(...SOURCE_COUNTS);

/** In the order shown. */
export const SOURCES_CONDITIONS: readonly SourcesCondition[] = [
  ...SOURCE_COUNTS.map((sources) => ({
    name: sources === 1 ? 'one source' : `${sources} sources`,
    sources,
    freezes: false,
  })),
  { name: `${MOST_SOURCES} sources, one frozen half way`, sources: MOST_SOURCES, freezes: true },
];

/** A file from one and from several sources, each of which sends no more than so many bytes a second. */
export async function measureSources(options: PartOptions): Promise<MoveOutcomes> {
  const { network, plan, progress, stage } = options;
  const swarm = new Swarm(options);
  try {
    const openings = SOURCES_CONDITIONS.map((condition) => ({
      name: condition.name,
      open: async () => {
        await swarm.open();
        return { move: () => swarm.move(condition), close: async () => undefined };
      },
    }));
    return await measureMoves({ context: network.context, progress, stage, sampling: plan.sources, openings });
  } finally {
    await swarm.close();
  }
}

/** Nodes of one network that hold, the first so many of them, the file for each number of sources. */
class Swarm {
  readonly #options: PartOptions;
  readonly #nodes: TransferNode[] = [];
  readonly #files = new Map<number, WrittenFile>();
  #opening: Promise<void> | undefined;
  #moves = 0;

  constructor(options: PartOptions) {
    this.#options = options;
  }

  /** Resolves when all have hashed their files and know each other; idempotent. Whatever comes of it, `close` ends what was started. */
  open(): Promise<void> {
    return (this.#opening ??= this.#openAll());
  }

  /** Has a new node fetch the file that so many hold. */
  async move({ sources, freezes }: SourcesCondition): Promise<Move> {
    const { network, directory, profiles } = this.#options;
    const file = this.#files.get(sources) as WrittenFile;
    const frozen = { inTime: false };
    const freeze = async (over: AbortSignal) => {
      const last = this.#nodes[sources - 1] as TransferNode;
      frozen.inTime = await this.#freezeHalfWay(last, over);
    };
    const move = await receive({
      network,
      profile: profiles.first.profile,
      folder: join(directory, `receiver-${this.#moves++}`),
      from: this.#first,
      holders: sources,
      load: { query: file.name, files: [file] },
      meanwhile: freezes ? freeze : undefined,
    });
    if (freezes && !frozen.inTime) throw new Error('the file was there before half of the time it takes');
    return move;
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()));
  }

  async #openAll(): Promise<void> {
    const { network, plan, directory, profiles } = this.#options;
    const content = join(directory, 'content');
    for (const sources of SOURCE_COUNTS) {
      const name = `from-${sources}`;
      const seed = `${network.context.seed} ${name}`;
      this.#files.set(sources, await writeContent(content, { name, size: plan.sources.bytes, seed }));
    }
    for (let index = 0; index < MOST_SOURCES; index++) {
      const folder = join(directory, `source-${index}`);
      const held = [...this.#files].filter(([sources]) => index < sources).map(([, file]) => file);
      await linkInto(folder, content, held);
      const node = await TransferNode.start(network, { folder, profile: profiles.limited.profile });
      this.#nodes.push(node);
      await node.list(held);
      if (index > 0) await node.add(this.#first.address);
    }
    for (const [sources, file] of this.#files) await this.#first.list([file], sources);
  }

  get #first(): TransferNode {
    return this.#nodes[0] as TransferNode;
  }

  /** Half of the file is there after half of the time that all sources take at their rates. Resolves to whether there was something left. */
  async #freezeHalfWay(node: TransferNode, over: AbortSignal): Promise<boolean> {
    const { network, plan } = this.#options;
    const { bytes, rate } = plan.sources;
    const halfMs = ((bytes / (MOST_SOURCES * rate)) * 1_000) / 2;
    if (!(await sleep(network.context.clock, halfMs, over))) return false;
    node.freeze();
    if (!over.aborted) await new Promise((resolve) => over.addEventListener('abort', resolve, { once: true }));
    node.thaw();
    return true;
  }
}
