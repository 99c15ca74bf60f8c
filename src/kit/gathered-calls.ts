import { deferred, type Deferred } from './deferred.ts';

interface Waiting<Call, Result> {
  readonly call: Call;
  readonly answer: Deferred<Result>;
}

/**
 * Makes many small calls as few large ones: what is called for in one turn goes together, and so does what is called for while a batch is under way. So
 * the busier it gets, the fewer batches there are.
 */
export class GatheredCalls<Call, Result> {
  readonly #run: (calls: readonly Call[]) => Promise<readonly (Result | Error)[]>;
  readonly #most: number;
  #waiting: Waiting<Call, Result>[] = [];
  #isRunning = false;

  /**
   * @param run makes a batch of calls; an answer for each, in their order, which is an Error where that call fails. Where it rejects they all do.
   * @param most calls of one batch; as many as there are unless told otherwise
   */
  constructor(run: (calls: readonly Call[]) => Promise<readonly (Result | Error)[]>, most = Infinity) {
    this.#run = run;
    this.#most = most;
  }

  /** Settles as this call does, in whatever batch it is. */
  call(call: Call): Promise<Result> {
    const answer = deferred<Result>();
    this.#waiting.push({ call, answer });
    if (!this.#isRunning) {
      this.#isRunning = true;
      // Handles its own failures. What else is called for in this turn comes before it.
      void Promise.resolve().then(() => this.#runAll());
    }
    return answer.promise;
  }

  async #runAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.#runBatch(this.#waiting.splice(0, this.#most));
    this.#isRunning = false;
  }

  async #runBatch(batch: readonly Waiting<Call, Result>[]): Promise<void> {
    try {
      const answers = await this.#run(batch.map(({ call }) => call));
      for (const [index, { answer }] of batch.entries()) {
        const result = answers[index] as Result | Error;
        if (result instanceof Error) answer.reject(result);
        else answer.resolve(result);
      }
    } catch (error) {
      for (const { answer } of batch) answer.reject(error as Error);
    }
  }
}
