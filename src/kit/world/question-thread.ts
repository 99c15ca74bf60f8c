import { Worker } from 'node:worker_threads';
import { KernelError } from '../../kernel/index.ts';

/** What the thread is sent: it posts `{ id, answer }` for each, in any order. */
export interface Asked<Question> {
  readonly id: number;
  readonly question: Question;
}

interface Waiter<Answer> {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

export interface QuestionThreadOptions {
  /**
   * What runs on the thread. A string, because a path to a file would have to differ between the built package and the tests (which run the TypeScript
   * sources); and short enough to be read as one.
   */
  readonly source: string;
  /** What it does, in a word: for who looks at the process' threads, and for messages. */
  readonly name: string;
  readonly workerData?: unknown;
}

/** One thread that answers questions. It keeps the process alive only while it owes an answer. */
export class QuestionThread<Question, Answer> {
  readonly #worker: Worker;
  readonly #waiters = new Map<number, Waiter<Answer>>();
  #asked = 0;
  #error: Error | undefined;

  constructor({ source, name, workerData }: QuestionThreadOptions) {
    this.#worker = new Worker(source, { eval: true, name: `peerhold-${name}`, workerData });
    this.#worker.unref();
    this.#worker.on('message', ({ id, answer }: { id: number; answer: Answer }) => this.#settle(id, answer));
    this.#worker.on('error', (cause) =>
      this.#fail(new KernelError('ERR_CLOSED', `the ${name} thread failed`, { cause })),
    );
    this.#worker.on('exit', () => this.#fail(new KernelError('ERR_CLOSED', `the ${name} thread ended`)));
  }

  /** Whether the thread ended; it answers nothing any more. */
  get ended(): boolean {
    return this.#error !== undefined;
  }

  /** Questions that are not answered yet. */
  get owed(): number {
    return this.#waiters.size;
  }

  /** @param moved memory of the question that is moved to the thread, and not copied */
  ask(question: Question, moved: readonly ArrayBuffer[] = []): Promise<Answer> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      const id = this.#asked++;
      this.#worker.postMessage({ id, question } satisfies Asked<Question>, moved);
      this.#waiters.set(id, { resolve, reject });
      if (this.#waiters.size === 1) this.#worker.ref();
    });
  }

  /** Ends the thread; everybody who waits gets the error. */
  async end(error: Error): Promise<void> {
    this.#fail(error);
    await this.#worker.terminate();
  }

  #settle(id: number, answer: Answer): void {
    this.#waiters.get(id)?.resolve(answer);
    this.#waiters.delete(id);
    if (this.#waiters.size === 0) this.#worker.unref();
  }

  #fail(error: Error): void {
    this.#error ??= error;
    for (const waiter of this.#waiters.values()) waiter.reject(this.#error);
    this.#waiters.clear();
    this.#worker.unref();
  }
}
