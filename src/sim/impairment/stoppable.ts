/** Whether a process gets any time. */
export interface Stoppable {
  readonly isStopped: boolean;
  /** Whether it hears of nothing: it is stopped, or no more. */
  readonly isAway: boolean;
  /** Resolves when it runs; never where it is no more. */
  running(): Promise<void>;
}
