import type { Clock, Timer } from '../../kernel/index.ts';
import { sameFacts, type FileFacts } from './file-facts.ts';

export interface SettlingFilesOptions {
  readonly clock: Clock;
  /** How long a file must stay as it is, in ms. */
  readonly settleMs: number;
  /** Called with a name that may have come to rest: look at it again. */
  onRested(name: string): void;
}

/** Part of `settleMs` that a file must be gone: editors that write anew take a name away for an instant. */
const ABSENT_PART = 0.2;

interface Settling {
  readonly facts: FileFacts | undefined;
  readonly timer: Timer;
  /** Whether it was left alone for long enough, if it is as it was. Said by the timer, not by a comparison of times. */
  isOver: boolean;
}

/** Tells when a file that is being changed has come to rest, so that a growing one is hashed and announced once. */
export class SettlingFiles {
  readonly #options: SettlingFilesOptions;
  readonly #files = new Map<string, Settling>();

  constructor(options: SettlingFilesOptions) {
    this.#options = options;
  }

  /** Whether the file will be looked at again anyway. */
  has(name: string): boolean {
    return this.#files.get(name)?.isOver === false;
  }

  /** Whether the file, looked at just now, is at rest. If not, `onRested` is called when it may be. */
  isAtRest(name: string, facts: FileFacts | undefined): boolean {
    const known = this.#files.get(name);
    const unchanged = known !== undefined && sameFacts(known.facts, facts);
    if (unchanged && !known.isOver) return false;
    const restMs = unchanged ? 0 : this.#restMs(facts, known !== undefined);
    this.forget(name);
    if (restMs <= 0) return true;
    this.#wait(name, facts, restMs);
    return false;
  }

  /** The file was seen to change while it was thought to be at rest. */
  disturb(name: string): void {
    this.#wait(name, undefined, this.#options.settleMs);
  }

  forget(name: string): void {
    this.#files.get(name)?.timer.cancel();
    this.#files.delete(name);
  }

  /** Calls back no more. */
  close(): void {
    for (const name of [...this.#files.keys()]) this.forget(name);
  }

  #wait(name: string, facts: FileFacts | undefined, restMs: number): void {
    const { clock, onRested } = this.#options;
    this.forget(name);
    const timer = clock.setTimer(restMs, () => {
      settling.isOver = true;
      onRested(name);
    });
    const settling: Settling = { facts, timer, isOver: false };
    this.#files.set(name, settling);
  }

  #restMs(facts: FileFacts | undefined, isChanging: boolean): number {
    const { clock, settleMs } = this.#options;
    if (facts === undefined) return settleMs * ABSENT_PART;
    const age = clock.wallTime() - facts.modifiedMs;
    // A file met for the first time that was last written long ago rests already. A date in the future says nothing.
    return isChanging || age < 0 ? settleMs : settleMs - age;
  }
}
