/** How much is measured. */
export interface Plan {
  /** Bytes in a frame; PIECE_LENGTH is among them. */
  readonly lengths: readonly number[];
  /** Samples of each cell. */
  readonly rounds: number;
  /** What the samples may take in all, in seconds; starting the processes comes on top. */
  readonly seconds: number;
  /** Longest sample of what is fast enough, in seconds. */
  readonly longestSample: number;
}

/** What files travel in: the length whose processor time is told. */
export const PIECE_LENGTH = 64 * 1024;
/** A short message: the length of round trips, and of the first frame of a new connection. */
export const MESSAGE_LENGTH = 64;
/** Messages under way at once, in measurements of round trips. */
export const IN_FLIGHT: readonly number[] = [1, 64];

export const FULL_PLAN: Plan = {
  lengths: [64, 1_024, 16 * 1_024, PIECE_LENGTH, 1_024 * 1_024],
  rounds: 9,
  seconds: 200,
  longestSample: 0.3,
};
export const QUICK_PLAN: Plan = {
  lengths: [64, PIECE_LENGTH, 1_024 * 1_024],
  rounds: 5,
  seconds: 33,
  longestSample: 0.1,
};

/** Of a contender's time in a phase, this share goes into warming up; and no more than so many seconds. */
const WARM_SHARE = 0.35;
const LONGEST_WARM = 0.7;
const SHORTEST_SAMPLE = 0.02;

/** How the time of one contender in one phase is spent, so that all together keep to the plan. */
export function timesOf({ lengths, rounds, seconds, longestSample }: Plan, pairs: number) {
  const phases = lengths.length + IN_FLIGHT.length + 1;
  const even = seconds / (pairs * phases);
  const warmSeconds = Math.min(LONGEST_WARM, even * WARM_SHARE);
  const sampleSeconds = Math.min(longestSample, Math.max(SHORTEST_SAMPLE, (even - warmSeconds) / rounds));
  return { warmSeconds, sampleSeconds };
}
