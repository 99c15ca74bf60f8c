import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Address } from '../../src/kernel/index.ts';
import type { FloodKind } from './history.ts';

/** One flood, as a line of JSON to the stranger's process. */
export interface FloodOrder {
  readonly address: Address;
  readonly with: FloodKind;
  readonly seconds: number;
}

export interface FlooderOptions {
  /** The words that the stranger's process is started with. */
  readonly launcher: readonly string[];
  /** Hears of a stranger who ended before `close`. */
  readonly onProblem: (problem: string) => void;
}

const JITI = fileURLToPath(new URL('../../node_modules/jiti/lib/jiti-cli.mjs', import.meta.url));
const STRANGER = fileURLToPath(new URL('stranger.ts', import.meta.url));
/** Of what the stranger complains of, so many characters are kept. */
const KEPT_OUTPUT = 2_000;

/** The stranger's process, which floods whom it is told to. */
export class Flooder {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #isClosed = false;

  constructor({ launcher, onProblem }: FlooderOptions) {
    const words: readonly string[] = [...launcher, process.execPath, JITI, STRANGER];
    const [file = process.execPath, ...rest] = words;
    this.#child = spawn(file, rest, { stdio: ['pipe', 'ignore', 'pipe'] });
    let said = '';
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-KEPT_OUTPUT)));
    this.#child.stdin?.on('error', () => undefined); // A stranger who is gone is noticed by the end.
    this.#child.on('error', (error) => (said += error.message));
    this.#ended = once(this.#child, 'close').catch(() => undefined);
    void this.#ended.then(() => {
      if (!this.#isClosed) onProblem(`the stranger is gone, which is a fault of these tests: ${said}`);
    });
  }

  /** Begins a flood. */
  flood(order: FloodOrder): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  /** Ends all floods, and the process. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
