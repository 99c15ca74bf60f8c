import { KernelError, errorCode, toError, type Clock } from '../kernel/index.ts';
import { withDeadline } from '../kit/index.ts';
import type { Bench, CaseOutcome, ListedPlugin } from './conform-bench.ts';
import type { Throughput } from './conform-rates.ts';

/** How one case of a suite went; `reason` says why it failed. */
export interface CaseResult {
  readonly name: string;
  readonly passed: boolean;
  readonly reason?: string;
  readonly milliseconds: number;
}

/** All that was found out about one plugin. */
export interface PluginCard {
  readonly kind: string;
  readonly name: string;
  readonly about: string;
  /** Whether every case passed. */
  readonly passed: boolean;
  readonly cases: readonly CaseResult[];
  readonly milliseconds: number;
  /** Absent where a case failed, or speed says nothing of the kind. */
  readonly throughput?: Throughput;
}

/** What is told while the suites run. */
export interface InspectionListener {
  begin(plugin: ListedPlugin): void;
  result(result: CaseResult): void;
}

/** All suites together, so that the last card is there within two minutes whatever the plugins do. */
const TOTAL_MS = 110_000;
const LOAD_MS = 20_000;
/** The suites' own patience with one call is 15 s; two cases wait for the 5 s allowed for closing. */
const CASE_MS = 25_000;
const MEASURE_MS = 8_000;

export interface InspectionOptions {
  /** Sets up a bench; called again when one broke, or held a plugin that does not return. */
  readonly openBench: () => Bench;
  readonly clock: Clock;
  readonly listener: InspectionListener;
  /** Ends the inspection. */
  readonly signal?: AbortSignal | undefined;
}

/** Tries every plugin of a file, case by case, each within its time. */
export class Inspection {
  readonly #options: InspectionOptions;
  readonly #deadline: number;
  #bench: Bench | undefined;

  constructor(options: InspectionOptions) {
    this.#options = options;
    this.#deadline = options.clock.now() + TOTAL_MS;
  }

  /** @throws ERR_PLUGIN where the file cannot be loaded or holds no plugin; the signal's reason. */
  async run(): Promise<readonly PluginCard[]> {
    try {
      const plugins = await this.#list();
      const cards: PluginCard[] = [];
      for (const [index, plugin] of plugins.entries()) cards.push(await this.#inspect(index, plugin));
      return cards;
    } finally {
      this.#clear();
    }
  }

  async #list(): Promise<readonly ListedPlugin[]> {
    try {
      return await this.#within(LOAD_MS, (bench) => bench.list());
    } catch (error) {
      if (errorCode(error) === 'ERR_PLUGIN' || this.#options.signal?.aborted === true) throw error;
      throw new KernelError('ERR_PLUGIN', `the file cannot be loaded: ${toError(error).message}`, { cause: error });
    }
  }

  async #inspect(index: number, plugin: ListedPlugin): Promise<PluginCard> {
    const { clock, listener } = this.#options;
    const { kind, name, about } = plugin;
    listener.begin(plugin);
    const started = clock.now();
    const cases: CaseResult[] = [];
    for (const [number, requirement] of plugin.cases.entries()) {
      const { reason, milliseconds } = await this.#tryCase(index, number);
      const passed = reason === undefined;
      const result = {
        name: requirement,
        passed,
        ...(passed ? {} : { reason }),
        milliseconds: Math.round(milliseconds),
      };
      cases.push(result);
      listener.result(result);
    }
    const milliseconds = Math.round(clock.now() - started);
    const passed = cases.every((each) => each.passed);
    const throughput = passed && plugin.measurable ? await this.#measure(index) : undefined;
    return { kind, name, about, passed, cases, milliseconds, ...(throughput === undefined ? {} : { throughput }) };
  }

  async #tryCase(plugin: number, index: number): Promise<CaseOutcome> {
    const { clock, signal } = this.#options;
    const started = clock.now();
    if (started >= this.#deadline) {
      return { reason: `not tried: the ${TOTAL_MS / 1_000} s for all cases were over`, milliseconds: 0 };
    }
    try {
      return await this.#within(CASE_MS, (bench) => bench.run(plugin, index));
    } catch (error) {
      signal?.throwIfAborted();
      return { reason: toError(error).message, milliseconds: clock.now() - started };
    }
  }

  /** A rate that cannot be had is no fault: every case has passed. */
  async #measure(plugin: number): Promise<Throughput | undefined> {
    return this.#within(MEASURE_MS, (bench) => bench.measure(plugin)).catch(() => undefined);
  }

  /** Does the work on the bench, and clears the bench where it fails or takes too long. */
  async #within<T>(ms: number, work: (bench: Bench) => Promise<T>): Promise<T> {
    const { clock, openBench, signal } = this.#options;
    const allowed = Math.max(1, Math.min(ms, this.#deadline - clock.now()));
    const late = () => new Error(`it did not end within ${(allowed / 1_000).toFixed(1)} s`);
    this.#bench ??= openBench();
    const bench = this.#bench;
    try {
      return await withDeadline(clock, allowed, late, signal, () => work(bench));
    } catch (error) {
      this.#clear();
      throw error;
    }
  }

  #clear(): void {
    this.#bench?.clear();
    this.#bench = undefined;
  }
}
