import type { BenchContext } from './bench.ts';

/** Part of a run: what is done in it, and its share of the run's time against the other parts'. */
export interface Stage {
  readonly label: string;
  readonly weight: number;
}

/** Joins the progress of a run's parts, which follow each other, to that of the whole. */
export class StagedProgress {
  readonly #tell: BenchContext['progress'];
  readonly #total: number;
  #before = 0;
  #stage: Stage = { label: '', weight: 0 };

  constructor(tell: BenchContext['progress'], stages: readonly Stage[]) {
    this.#tell = tell;
    this.#total = stages.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** Begins the next part; what came before it is done. */
  begin(stage: Stage): void {
    this.#before += this.#stage.weight;
    this.#stage = stage;
    this.step('', 0);
  }

  /** Tells how far the part is: `share` of it is done, `detail` comes now. */
  step(detail: string, share: number): void {
    const { label, weight } = this.#stage;
    const fraction = Math.min(1, (this.#before + share * weight) / this.#total);
    this.#tell({ fraction, label: detail === '' ? label : `${label}: ${detail}` });
  }
}
