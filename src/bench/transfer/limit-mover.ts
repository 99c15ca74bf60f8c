import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchContext, BenchWorker } from '../bench.ts';
import { TimelyWorker } from '../timely-worker.ts';
import { peakMemoryOf } from '../transport/process-figures.ts';
import { checkContents, type WrittenFile } from './contents.ts';
import type { LimitForm } from './limit-program.ts';
import type { LimitQuestion } from './limit-role.ts';
import type { Move, Mover } from './mover.ts';

export interface LimitMoverOptions {
  readonly context: BenchContext;
  /** What its errors begin with. */
  readonly name: string;
  readonly form: LimitForm;
  /** Gets what is received. */
  readonly directory: string;
  /** Where the files lie. */
  readonly content: string;
  readonly file: WrittenFile;
  /** What moves before, untimed. */
  readonly warm: WrittenFile;
}

/** Of the answer that a file is there, in seconds. */
const PATIENCE = 60;

/** One process of the limit program that serves files, and for each sample a new one that fetches them. */
export async function openLimitMover(options: LimitMoverOptions): Promise<Mover> {
  const { content, form, file, warm } = options;
  const sender = await LimitEnd.start(options);
  try {
    const serve = ({ name }: WrittenFile) => sender.ask({ ask: 'serve', form, path: join(content, name) });
    const ports: Ports = { file: Number(await serve(file)), warm: Number(await serve(warm)) };
    return { move: () => fetchBoth(options, sender, ports), close: () => sender.close() };
  } catch (error) {
    await sender.close();
    throw error;
  }
}

interface Ports {
  readonly file: number;
  readonly warm: number;
}

async function fetchBoth(options: LimitMoverOptions, sender: LimitEnd, ports: Ports): Promise<Move> {
  const { context, directory, form, file, warm } = options;
  const folder = join(directory, `limit-${form}`);
  await mkdir(folder);
  const receiver = await LimitEnd.start(options);
  try {
    const fetch = ({ name }: WrittenFile, port: number) =>
      receiver.ask({ ask: 'fetch', form, port, path: join(folder, name) });
    await fetch(warm, ports.warm);
    const started = context.clock.now();
    await fetch(file, ports.file);
    const seconds = (context.clock.now() - started) / 1_000;
    const move = { seconds, sender: await sender.peakMemory(), receiver: await receiver.peakMemory() };
    await checkContents(folder, [file]);
    return move;
  } finally {
    await receiver.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A process of the limit program. */
class LimitEnd {
  readonly #worker: BenchWorker;
  readonly #timely: TimelyWorker;

  private constructor(worker: BenchWorker, { context, name }: LimitMoverOptions) {
    this.#worker = worker;
    this.#timely = new TimelyWorker(worker, name, context);
  }

  static async start(options: LimitMoverOptions): Promise<LimitEnd> {
    return new LimitEnd(await options.context.startWorker('limit'), options);
  }

  ask(question: LimitQuestion): Promise<unknown> {
    return this.#timely.ask(question, PATIENCE);
  }

  peakMemory(): Promise<number | undefined> {
    return peakMemoryOf(this.#worker.pid);
  }

  close(): Promise<void> {
    return this.#timely.close();
  }
}
