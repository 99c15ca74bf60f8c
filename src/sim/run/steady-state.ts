import type { SimulatedNetwork } from '../network/simulated-network.ts';
import type { EndExpectation } from '../scenario/expectation-names.ts';
import { INSPECTIONS } from './inspection.ts';
import type { Written } from './written.ts';

export interface SteadyStateOptions {
  readonly network: SimulatedNetwork;
  readonly written: Written;
  /** What must hold at the end. */
  readonly expected: readonly EndExpectation[];
  /** How long it must have held; `undefined` where the run is to go on to its end. */
  readonly seconds: number | undefined;
}

/** Whether what must hold at the end of a run has held for some time, so that more of the same would show nothing. */
export class SteadyState {
  readonly #options: SteadyStateOptions;
  /** By the clock: the first of the looks, without one between that found otherwise, that found all as it should be. */
  #since: number | undefined;

  constructor(options: SteadyStateOptions) {
    this.#options = options;
  }

  /** Looks once more. */
  async isReached(): Promise<boolean> {
    const { network, seconds } = this.#options;
    if (seconds === undefined) return false;
    if (!(await this.#holds())) {
      this.#since = undefined;
      return false;
    }
    this.#since ??= network.clock.now();
    return network.clock.now() - this.#since >= seconds * 1_000;
  }

  async #holds(): Promise<boolean> {
    const { expected, network, written } = this.#options;
    for (const name of expected) {
      const problems = (await INSPECTIONS[name]?.(network, written)) ?? [];
      if (problems.length > 0) return false;
    }
    return true;
  }
}
