import { deferred, sleep, type Deferred } from '../../kit/index.ts';
import type { Address } from '../../kernel/index.ts';
import type { BenchSetting, WorkerRole } from '../bench.ts';
import { FrameContent } from '../transport/frame-content.ts';
import type { Pipe, PipeListener, Piping } from '../transport/pipe.ts';
import { openPiping, type LinkContender } from './contenders.ts';
import { LINK_FRAME_LENGTH } from './plan.ts';

/** What the process at one end of a flow is asked. */
export type FlowQuestion =
  /** Gets ready: sends frames to itself for so long, so that its code is compiled. */
  | { readonly ask: 'open'; readonly contender: LinkContender; readonly seed: number; readonly warmSeconds: number }
  | { readonly ask: 'listen'; readonly host: string }
  | { readonly ask: 'dial'; readonly address: Address }
  /** Sends until it is asked to stop; answers then. */
  | { readonly ask: 'give' }
  /** Ends whatever there is, at once. */
  | { readonly ask: 'stop' }
  /** Receives; counts for `seconds`, from `skipSeconds` after the first frame on. */
  | { readonly ask: 'take'; readonly skipSeconds: number; readonly seconds: number };

/** What it answers, by question. */
export interface FlowAnswers {
  readonly open: undefined;
  readonly listen: Address;
  readonly dial: undefined;
  readonly give: undefined;
  readonly stop: undefined;
  /** Bytes of whole frames a second. */
  readonly take: number;
}

/** A process at one end of a flow. */
export const flowEndRole: WorkerRole = async (setting) => {
  const end = new FlowEnd(setting);
  return (question) => end.answer(question as FlowQuestion);
};

const OVER = new Error('the measurement is over');

/** The frame that starts the clock of the receiver is as short as one can be: it arrives with the first packet. */
const FIRST_LENGTH = 4;

class FlowEnd {
  readonly #setting: BenchSetting;
  #piping: Piping | undefined;
  #seed = 0;
  #dialled: Pipe | undefined;
  #listener: PipeListener | undefined;
  readonly #accepted: Deferred<Pipe> = deferred<Pipe>();
  readonly #stopped = new AbortController();

  constructor(setting: BenchSetting) {
    this.#setting = setting;
  }

  async answer(question: FlowQuestion): Promise<FlowAnswers[FlowQuestion['ask']]> {
    switch (question.ask) {
      case 'open':
        this.#seed = question.seed;
        await this.#warmUp(question.contender, question.warmSeconds);
        this.#piping = await openPiping(question.contender, this.#setting);
        return undefined;
      case 'listen': {
        const listener = await this.#opened().listen(this.#opened().parse(`${question.host}:0`));
        this.#listener = listener;
        // One flow has one pipe; whoever asks for it waits for it.
        void listener[Symbol.asyncIterator]()
          .next()
          .then(({ value }) => this.#accepted.resolve(value as Pipe));
        return listener.address;
      }
      case 'dial':
        this.#dialled = await this.#opened().dial(question.address);
        return undefined;
      case 'give':
        if (this.#dialled === undefined) throw new Error('this end has not dialled');
        await give(this.#dialled, this.#seed, this.#stopped.signal);
        return undefined;
      case 'take':
        return this.#take(question);
      case 'stop':
        this.#stopped.abort();
        this.#dialled?.abort(OVER);
        if (this.#listener !== undefined) {
          (await this.#accepted.promise).abort(OVER);
          await this.#listener.close();
        }
        return undefined;
    }
  }

  async #take({ skipSeconds, seconds }: { readonly skipSeconds: number; readonly seconds: number }): Promise<number> {
    const taking = new Taking(await this.#accepted.promise, this.#seed);
    const failing = taking.run();
    const counting = this.#count(taking, skipSeconds, seconds);
    // What arrives after the count, and its end, are nobody's affair.
    failing.catch(() => undefined);
    return Promise.race([counting, failing]);
  }

  async #count(taking: Taking, skipSeconds: number, seconds: number): Promise<number> {
    const { clock } = this.#setting;
    const { signal } = this.#stopped;
    await taking.begun;
    await sleep(clock, skipSeconds * 1_000, signal);
    const [started, before] = [clock.now(), taking.bytes];
    await sleep(clock, seconds * 1_000, signal);
    return (taking.bytes - before) / ((clock.now() - started) / 1_000);
  }

  async #warmUp(contender: LinkContender, seconds: number): Promise<void> {
    const [far, near] = [await openPiping(contender, this.#setting), await openPiping(contender, this.#setting)];
    const listener = await far.listen(far.parse('127.0.0.1:0'));
    const accepting = listener[Symbol.asyncIterator]().next();
    const pipe = await near.dial(listener.address);
    const taking = new Taking((await accepting).value as Pipe, this.#seed);
    const over = new AbortController();
    const running = Promise.allSettled([taking.run(), give(pipe, this.#seed, over.signal)]);
    await sleep(this.#setting.clock, seconds * 1_000, this.#stopped.signal);
    over.abort();
    pipe.abort(new Error('warm'));
    await listener.close();
    await running;
  }

  #opened(): Piping {
    if (this.#piping === undefined) throw new Error('this end was not opened');
    return this.#piping;
  }
}

/** Sends frames as fast as a pipe takes them, until the signal aborts. */
async function give(pipe: Pipe, seed: number, signal: AbortSignal): Promise<void> {
  try {
    await pipe.send(new FrameContent(FIRST_LENGTH, seed).frame(0));
    const content = new FrameContent(LINK_FRAME_LENGTH, seed);
    for (let number = 0; !signal.aborted; number++) await pipe.send(content.frame(number));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The receiving side of a pipe: checks every frame, and counts. */
class Taking {
  /** Bytes of frames that arrived as they were sent. */
  bytes = 0;
  readonly #pipe: Pipe;
  readonly #seed: number;
  readonly #begun = deferred<undefined>();

  constructor(pipe: Pipe, seed: number) {
    this.#pipe = pipe;
    this.#seed = seed;
  }

  /** Resolves with the first frame. */
  get begun(): Promise<undefined> {
    return this.#begun.promise;
  }

  /** Receives until the other side ends, which it is not meant to. */
  async run(): Promise<never> {
    const first = new FrameContent(FIRST_LENGTH, this.#seed);
    const content = new FrameContent(LINK_FRAME_LENGTH, this.#seed);
    let number = -1;
    for await (const frame of this.#pipe) {
      if (number < 0) {
        first.check(frame, 0);
        this.#begun.resolve(undefined);
      } else {
        content.check(frame, number);
        this.bytes += frame.length;
      }
      number += 1;
    }
    throw new Error('the other end closed the connection in the middle of a measurement');
  }
}
