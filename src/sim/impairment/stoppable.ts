/** Whether a process gets any time. */
export interface Stoppable {
  readonly isStopped: boolean;
  /** Resolves when it runs. */
  running(): Promise<void>;
}
