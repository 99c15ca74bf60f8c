import { toError } from '../../kernel/index.ts';
import type { FrameContent, FrameContents } from './frame-content.ts';
import { decodeJob, encode, type Job } from './jobs.ts';
import type { Pipe } from './pipe.ts';

export interface ServeJobsOptions {
  /** Shared by all pipes of a process. */
  readonly contents: FrameContents;
  /** Processor time this process took so far. */
  readonly cpuSeconds: () => number;
}

/** Does what the other end of a pipe asks, job after job, until that end closes it; then closes it too. */
export async function serveJobs(pipe: Pipe, { contents, cpuSeconds }: ServeJobsOptions): Promise<void> {
  const frames = pipe[Symbol.asyncIterator]();
  for (let asked = await frames.next(); asked.done !== true; asked = await frames.next()) {
    const job = decodeJob(asked.value);
    const content = contents.of(job);
    const before = cpuSeconds();
    try {
      await carryOut(job, { pipe, frames, content });
    } catch (error) {
      // What still comes of the job would be taken for the next one.
      await pipe.send(encode({ problem: toError(error).message }));
      break;
    }
    await pipe.send(encode({ cpuSeconds: cpuSeconds() - before }));
  }
  await pipe.close();
}

interface Work {
  readonly pipe: Pipe;
  readonly frames: AsyncIterator<Uint8Array>;
  readonly content: FrameContent;
}

async function carryOut({ work, frames: count }: Job, { pipe, frames, content }: Work): Promise<void> {
  for (let number = 0; number < count; number++) {
    const result = await frames.next();
    if (result.done === true) throw new Error(`the connection was closed after ${number} of ${count} frames`);
    content.check(result.value, number);
    if (work === 'echo') await pipe.send(result.value);
  }
}
