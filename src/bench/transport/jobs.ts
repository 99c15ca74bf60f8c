/** What one end asks of the other, in the frame before those of a measurement. */
export interface Job {
  /** `take`: receive the frames. `echo`: receive each and send it back. */
  readonly work: 'take' | 'echo';
  readonly frames: number;
  /** Bytes in each frame. */
  readonly length: number;
  readonly seed: number;
}

/** How it went at the end that was asked: the frame after those of a measurement. */
export type JobOutcome =
  /** Every frame came as it was sent; processor time taken meanwhile. */
  { readonly cpuSeconds: number } | { readonly problem: string };

/** A job or an outcome as a frame. */
export function encode(value: Job | JobOutcome): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** The job in a frame; both ends are this program, so what is no job is an error of the transport. */
export function decodeJob(frame: Uint8Array): Job {
  return decode(frame) as Job;
}

/** The outcome in a frame. */
export function decodeOutcome(frame: Uint8Array): JobOutcome {
  return decode(frame) as JobOutcome;
}

function decode(frame: Uint8Array): unknown {
  const text = new TextDecoder().decode(frame);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`a frame between measurements arrived changed: ${JSON.stringify(text.slice(0, 80))}`, { cause });
  }
}
