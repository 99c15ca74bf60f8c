import type { Clock } from '../../kernel/index.ts';
import { FrameContents, type FrameContent } from './frame-content.ts';
import { decodeOutcome, encode, type Job } from './jobs.ts';
import type { Pipe } from './pipe.ts';

/** One measurement of frames in one direction. */
export interface GivenFrames {
  /** From the first frame until the other end had the last one and had said so. */
  readonly seconds: number;
  /** Processor time of each process meanwhile. */
  readonly givingCpuSeconds: number;
  readonly takingCpuSeconds: number;
}

/** How many frames, and of which length. */
export interface Frames {
  readonly frames: number;
  readonly length: number;
}

export interface JobClientOptions {
  readonly pipe: Pipe;
  readonly seed: number;
  readonly clock: Clock;
  /** Processor time this process took so far. */
  readonly cpuSeconds: () => number;
}

/** The end of a pipe that measures; `serveJobs` runs at the other. */
export class JobClient {
  readonly #options: JobClientOptions;
  readonly #frames: AsyncIterator<Uint8Array>;
  readonly #sent = new FrameContents();
  /** In other memory than what is sent, which the transport may still hold. */
  readonly #expected = new FrameContents();

  constructor(options: JobClientOptions) {
    this.#options = options;
    this.#frames = options.pipe[Symbol.asyncIterator]();
  }

  /** Sends frames, each as soon as the transport takes it. */
  async give({ frames, length }: Frames): Promise<GivenFrames> {
    const { pipe, clock, cpuSeconds } = this.#options;
    const content = this.#content(this.#sent, length);
    const [started, cpuBefore] = [clock.now(), cpuSeconds()];
    await this.#ask({ work: 'take', frames, length });
    for (let number = 0; number < frames; number++) await pipe.send(content.frame(number));
    const takingCpuSeconds = await this.#outcome();
    return {
      seconds: (clock.now() - started) / 1_000,
      givingCpuSeconds: cpuSeconds() - cpuBefore,
      takingCpuSeconds,
    };
  }

  /** Has frames sent back, up to `inFlight` of them under way at once; the seconds until all were back. */
  async exchange({ frames, length, inFlight }: Frames & { readonly inFlight: number }): Promise<number> {
    const { pipe, clock } = this.#options;
    const [sent, expected] = [this.#content(this.#sent, length), this.#content(this.#expected, length)];
    const started = clock.now();
    await this.#ask({ work: 'echo', frames, length });
    let next = 0;
    while (next < Math.min(inFlight, frames)) await pipe.send(sent.frame(next++));
    for (let back = 0; back < frames; back++) {
      const frame = await this.#next();
      // In the place of an echo comes what went wrong.
      if (frame.length !== length) requireSuccess(frame);
      expected.check(frame, back);
      if (next < frames) await pipe.send(sent.frame(next++));
    }
    await this.#outcome();
    return (clock.now() - started) / 1_000;
  }

  async #ask(job: Omit<Job, 'seed'>): Promise<void> {
    const { pipe, seed } = this.#options;
    await pipe.send(encode({ ...job, seed }));
  }

  async #outcome(): Promise<number> {
    return requireSuccess(await this.#next());
  }

  async #next(): Promise<Uint8Array> {
    const result = await this.#frames.next();
    if (result.done === true) throw new Error('the other end closed the connection in the middle of a measurement');
    return result.value;
  }

  #content(contents: FrameContents, length: number): FrameContent {
    return contents.of({ length, seed: this.#options.seed });
  }
}

/** The processor time in an outcome, or throws what went wrong. */
function requireSuccess(frame: Uint8Array): number {
  const outcome = decodeOutcome(frame);
  if ('problem' in outcome) throw new Error(outcome.problem);
  return outcome.cpuSeconds;
}
