/** A cell of which one sample would take longer than this is not run. */
const LONGEST_SAMPLE_SECONDS = 10;
/** A trial that takes so much of a sample's time tells how long a sample is; what is shorter tells more of the start than of the rest. */
const TELLING_SHARE = 0.25;
const LARGEST_STEP = 16;

export interface CalibrateOptions {
  /** Does so many, and resolves to the seconds it took. */
  readonly run: (count: number) => Promise<number>;
  /** How long a sample shall take. */
  readonly seconds: number;
  /** How long the trials take together at least: code that ran for less is not compiled as it will be. */
  readonly warmSeconds: number;
  /** Fewest and most in a sample. */
  readonly least: number;
  readonly most?: number;
  /** Seconds that each will take, as far as is known before. */
  readonly expected?: number | undefined;
}

/** How many make a sample; or how long the shortest sample would take, where that is too long. */
export type Calibration = { readonly count: number } | { readonly projectedSeconds: number };

/** Finds by trials, growing and then repeated until what is measured is warm, how many make a sample of the wanted length. */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const { run, seconds, warmSeconds, least, most = Infinity, expected = 0 } = options;
  if (expected * least > LONGEST_SAMPLE_SECONDS) return { projectedSeconds: expected * least };
  let spent = 0;
  for (let count = least; ;) {
    const taken = await run(count);
    spent += taken;
    const wanted = Math.min(most, Math.max(least, Math.round((seconds / taken) * count)));
    const tells = taken >= seconds * TELLING_SHARE || count >= wanted;
    if (tells && spent >= warmSeconds) return { count: wanted };
    count = Math.min(wanted, count * LARGEST_STEP);
  }
}
