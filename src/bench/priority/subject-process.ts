import type { BenchContext, BenchWorker } from '../bench.ts';
import { withDeadline } from '../../kit/index.ts';
import { OPERATIONS, type Operation } from './lifetime.ts';
import { LONGEST_SAMPLE_S, Projection, QUICK_SAMPLE_S } from './projection.ts';
import type { PrioritySubject } from './subjects.ts';
import type { SubjectQuestion, SubjectSample } from './subject-role.ts';
import { INPUT_ORDERS, type InputOrder } from './workload.ts';

/** Time for an answer, some samples of the longest kind together: beyond it a subject does not end. */
const PATIENCE_MS = 90_000;

/** A subject in its process, and what is known of how long it takes. */
export class SubjectProcess {
  readonly name: string;
  readonly #context: BenchContext;
  readonly #worker: BenchWorker;
  readonly #shapedByOrder: boolean;
  readonly #projections = new Map<InputOrder, Projection>();

  private constructor(context: BenchContext, { name, shapedByOrder }: PrioritySubject, worker: BenchWorker) {
    for (const order of INPUT_ORDERS)
      this.#projections.set(order, new Projection(context.quick ? QUICK_SAMPLE_S : LONGEST_SAMPLE_S));
    this.name = name;
    this.#context = context;
    this.#shapedByOrder = shapedByOrder;
    this.#worker = worker;
  }

  static async start(context: BenchContext, subject: PrioritySubject): Promise<SubjectProcess> {
    return new SubjectProcess(context, subject, await context.startWorker('subject'));
  }

  /** Rejects with what is wrong where its answers differ from a sorted array's. */
  async check(): Promise<void> {
    await this.#ask({ ask: 'check', subject: this.name, seed: this.#context.seed });
  }

  async prepare(size: number, order: InputOrder): Promise<void> {
    await this.#ask({ ask: 'prepare', seed: this.#context.seed, size, order });
  }

  /** Times lives that hold so many entries together, one life at least. */
  async sample(operations: readonly Operation[], entries: number): Promise<SubjectSample> {
    return (await this.#ask({ ask: 'sample', operations, entries })) as SubjectSample;
  }

  /** Bytes per entry of a small set; undefined for large ones, of which the first sample tells. */
  async bytesPerEntry(): Promise<number | undefined> {
    return (await this.#ask({ ask: 'bytes' })) as number | undefined;
  }

  /** What of a stage is worth its time; nothing where the set could not even be filled. */
  affordable(size: number, order: InputOrder): readonly Operation[] {
    const projection = this.projectionOf(order);
    const operations = OPERATIONS.filter((operation) => !projection.isTooLong(operation, size));
    return operations.includes('insert') || !this.#shapedByOrder ? operations : [];
  }

  projectionOf(order: InputOrder): Projection {
    const projection = this.#projections.get(order);
    if (projection === undefined) throw new RangeError(`there is no order ${order}`);
    return projection;
  }

  close(): Promise<void> {
    return this.#worker.close();
  }

  async #ask(question: SubjectQuestion): Promise<unknown> {
    const { clock, signal } = this.#context;
    const late = () => new Error(`did not answer within ${PATIENCE_MS / 1_000} s`);
    try {
      return await withDeadline(clock, PATIENCE_MS, late, signal, () => this.#worker.ask(question));
    } catch (error) {
      // Whatever it still does would disturb the others.
      await this.#worker.close();
      throw error;
    }
  }
}
