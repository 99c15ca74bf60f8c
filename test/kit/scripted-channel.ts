import type { FrameChannel, Mark } from '../../src/kit/index.ts';

/** A channel that takes what it has room for and gives frames back when the test says so; it notes all that happens to it. */
export class ScriptedChannel implements FrameChannel {
  /** Frames it takes until it is full; each one taken uses up one. */
  room = Infinity;
  /** Whether it gives frames back at once. */
  givesBack = true;
  /** What happened, in order: frames by their first byte, marks and calls by name. */
  readonly log: string[] = [];
  readonly frames: Uint8Array[] = [];
  readonly #kept: (() => void)[] = [];

  get canWrite(): boolean {
    return this.room > 0;
  }

  writeFrame(frame: Uint8Array, taken: () => void): void {
    this.room -= 1;
    this.frames.push(frame);
    this.log.push(`frame ${frame[0] ?? 'empty'}`);
    if (this.givesBack) taken();
    else this.#kept.push(taken);
  }

  /** Gives the oldest frame back that it kept. */
  giveBack(): void {
    this.#kept.shift()?.();
  }

  writeMark(mark: Mark): void {
    this.log.push(mark);
  }

  pause(): void {
    this.log.push('pause');
  }

  resume(): void {
    this.log.push('resume');
  }

  finish(): void {
    this.log.push('finish');
  }

  destroy(): void {
    this.log.push('destroy');
  }
}
