import type { AnyPluginDefinition, Clock, PluginKind } from '../kernel/index.ts';
import type { BenchResult } from './report.ts';

/** One comparison, run by `peerhold bench NAME`. `benches.ts` lists them; there is nothing else to register. */
export interface Bench {
  /** Lower-case word. */
  readonly name: string;
  /** One line for `--help`: what is compared. */
  readonly about: string;
  /** The kinds of plugin it compares, of which a user may add their own. */
  readonly kinds: readonly PluginKind[];
  /** What it has done in processes of their own, by role. */
  readonly workers: Readonly<Record<string, WorkerRole>>;
  /**
   * Measures; within 60 s where the context says `quick`, else within 5 minutes, on two cores. What has to watch something for longer says
   * so in its page.
   *
   * @throws the signal's reason where it is given up.
   */
  run(context: BenchContext): Promise<BenchResult>;
}

/** What the run and its workers have in common. */
export interface BenchSetting {
  /** The config in use, as its file exports it. */
  readonly config: unknown;
  /** The plugins of the config and those the user added, of whatever kind. */
  readonly plugins: readonly AnyPluginDefinition[];
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a bench is run with. */
export interface BenchContext extends BenchSetting {
  readonly quick: boolean;
  /** All randomness of the workload comes from it. */
  readonly seed: number;
  readonly signal: AbortSignal;
  /** This program as a user starts it: its file, for `node`, and the config file in use where it is not the shipped one. */
  readonly program: { readonly file: string; readonly config: string | undefined };
  /** Tells how far the run is; cheap enough to call for every sample. */
  progress(progress: BenchProgress): void;
  /** A program that emulates links; absent where the user named none. */
  readonly emulator?: string | undefined;
  /** Starts a process of its own in a role of this bench, with `gc` to call. It ends with `close`, and with this process at the latest. */
  startWorker(role: string, place?: WorkerPlace): Promise<BenchWorker>;
}

/** Where a process runs. */
export interface WorkerPlace {
  /** The network namespace (`ip netns`) it is in; empty for that of this process. */
  readonly namespace: string;
}

export interface BenchProgress {
  /** Share that is done, 0 to 1. */
  readonly fraction: number;
  /** What is being measured. */
  readonly label: string;
}

/**
 * Makes what answers the questions of one process. Questions and answers are data that a structured clone carries (bytes and bigints
 * included). A question may come while another is being answered.
 */
export type WorkerRole = (setting: BenchSetting) => Promise<(question: unknown) => Promise<unknown>>;

/** A process in a role. */
export interface BenchWorker extends AsyncDisposable {
  readonly pid: number;
  /** Rejects with the error of the role, whose message it keeps, or where the process ends before it answers. */
  ask(question: unknown): Promise<unknown>;
  /** Ends the process, whatever it does. Idempotent. */
  close(): Promise<void>;
}
