import type { Problem } from '../sim/index.ts';
import type { Program } from './program.ts';
import type { SimOptions } from './sim-arguments.ts';

/** What one run came to, as `--json` prints it. */
export interface SimLine {
  readonly seed: number;
  readonly ok: boolean;
  /** Left out where the folders are on a disk: there it says nothing. */
  readonly hash?: string | undefined;
  readonly virtualSeconds: number;
  readonly tookMs: number;
  readonly events: number;
  readonly frames: number;
  readonly bytes: number;
  readonly problems: readonly Problem[];
}

/** What came of shrinking a run that failed. */
export interface Shrunk {
  readonly seed: number;
  /** Where the scenario was written. */
  readonly file: string;
  /** Events left, of how many. */
  readonly events: number;
  readonly of: number;
  readonly scenario: string;
}

/** Problems of one run that are shown to people. */
const SHOWN = 5;

/** Tells of runs as they end: JSON lines on standard output, or text; progress only on a terminal. */
export class SimReport {
  readonly #options: SimOptions;
  readonly #program: Program;
  readonly #startedAt: number;
  readonly #failed: number[] = [];
  #runs = 0;
  #virtualSeconds = 0;

  constructor(options: SimOptions, program: Program) {
    this.#options = options;
    this.#program = program;
    this.#startedAt = program.clock.now();
  }

  /** The lowest seed whose run failed. */
  get firstFailed(): number | undefined {
    return this.#failed.length === 0 ? undefined : Math.min(...this.#failed);
  }

  add(line: SimLine): void {
    const [first, last] = this.#options.seeds;
    this.#runs++;
    this.#virtualSeconds += line.virtualSeconds;
    if (!line.ok) this.#failed.push(line.seed);
    if (this.#options.json) this.#print(JSON.stringify(line));
    else if (first === last || !line.ok) this.#printRun(line);
    this.#progress(`${this.#runs} of ${last - first + 1} runs, ${this.#failed.length} failed`);
  }

  /** One part of a failing run was tried. */
  tried({ runs, events }: { readonly runs: number; readonly events: number }): void {
    this.#progress(`shrinking: ${runs} runs, trying ${events} events`);
  }

  shrunk(shrunk: Shrunk): void {
    this.#progress('');
    if (this.#options.json) {
      this.#print(JSON.stringify({ shrunk }));
      return;
    }
    const { seed, file, events, of, scenario } = shrunk;
    this.#print(`\nsmallest that fails: ${events} of ${of} events\n\n${scenario}`);
    this.#print(`replay: peerhold sim ${file} --seed ${seed}${this.#choices()}`);
  }

  end(): void {
    this.#progress('');
    const [first, last] = this.#options.seeds;
    if (this.#options.json || first === last) return;
    const seconds = (this.#program.clock.now() - this.#startedAt) / 1_000;
    const speed = Math.round(this.#virtualSeconds / Math.max(seconds, 0.001));
    const failed =
      this.#failed.length === 0
        ? 'all hold'
        : `${this.#failed.length} failed: ${this.#failed.sort((a, b) => a - b).join(', ')}`;
    this.#print(`${this.#runs} runs in ${seconds.toFixed(1)} s (${speed} virtual seconds a second): ${failed}`);
  }

  #printRun({ seed, ok, hash, virtualSeconds, tookMs, events, frames, problems }: SimLine): void {
    const figures = `${virtualSeconds} virtual s in ${(tookMs / 1_000).toFixed(1)} s, ${events} events, ${frames} frames`;
    const trace = hash === undefined ? '' : `, trace ${hash}`;
    this.#print(`seed ${seed}: ${ok ? 'holds' : 'FAILED'} (${figures})${trace}`);
    for (const { at, expectation, text } of problems.slice(0, SHOWN)) this.#print(`  ${at} s: ${expectation}: ${text}`);
    if (problems.length > SHOWN) this.#print(`  and ${problems.length - SHOWN} more`);
    if (ok) return;
    const { scenario, nodes } = this.#options;
    const size = nodes === undefined ? '' : ` --nodes ${nodes}`;
    this.#print(`  replay: peerhold sim ${scenario} --seed ${seed}${size}${this.#choices()}`);
  }

  /** The options beside seed and size that a run depends on. */
  #choices(): string {
    const { disk, profile, config } = this.#options;
    return Object.entries({ disk, config, profile })
      .map(([name, value]) => (value === undefined ? '' : ` --${name} ${value}`))
      .join('');
  }

  #print(line: string): void {
    this.#clear();
    this.#program.stdout.write(`${line}\n`);
  }

  #progress(line: string): void {
    if (!this.#program.stderr.isTerminal || this.#options.json) return;
    this.#clear();
    this.#program.stderr.write(line);
  }

  #clear(): void {
    if (this.#program.stderr.isTerminal && !this.#options.json) this.#program.stderr.write('\r\u001b[K');
  }
}
