import type { Random } from '../../../../kernel/index.ts';

/** Rounds between probes while no probe met congestion (the eight phases of BBRv1), and how many more by chance. */
const QUIET_ROUNDS = 6;
const QUIET_ROUNDS_SPREAD = 4;

/** Rounds in which Reno would win back what a probe made it lose, at most (draft-ietf-ccwg-bbr, section 4.3.3.5.1). */
const RENO_ROUNDS = 63;

/** Time between probes once one met congestion, and how much more by chance, so that flows do not probe together. */
const WAIT_MS = 500;
const WAIT_SPREAD_MS = 250;

/** When BBR is to try whether the path carries more. */
export class ProbeSchedule {
  readonly #random: Random;
  #at = 0;
  #round = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A probe ended. `windowPackets` is the bandwidth-delay product; `isQuiet`, whether no probe met congestion yet. */
  restart(state: { now: number; round: number; windowPackets: number; isQuiet: boolean }): void {
    const chance = this.#random.fraction();
    const rounds = state.isQuiet
      ? QUIET_ROUNDS + chance * QUIET_ROUNDS_SPREAD
      : Math.min(state.windowPackets, RENO_ROUNDS);
    this.#round = state.round + rounds;
    this.#at = state.now + WAIT_MS + chance * WAIT_SPREAD_MS;
  }

  isDue(round: number, now: number): boolean {
    return now >= this.#at || round >= this.#round;
  }
}
