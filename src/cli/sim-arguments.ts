import type { Argv } from 'yargs';

/** What `peerhold sim` is asked to do. */
export interface SimOptions {
  /** File with the scenario. */
  readonly scenario: string;
  /** First and last seed. */
  readonly seeds: readonly [number, number];
  /** Number of nodes, in place of the scenario's. */
  readonly nodes: number | undefined;
  /** File for the trace, as JSON lines. */
  readonly trace: string | undefined;
  /** Directory for the nodes' folders; they are in memory where it is left out. */
  readonly disk: string | undefined;
  /** Whether a failing run is made smaller. */
  readonly shrink: boolean;
  /** Processes that run at once. */
  readonly jobs: number;
  readonly profile: string | undefined;
  readonly config: string | undefined;
  readonly json: boolean;
}

export type SimInvocation = { readonly command: 'sim' } & SimOptions;

const MAX_SEED = Number.MAX_SAFE_INTEGER;
const MAX_NODES = 2_000;
const MAX_JOBS = 64;

/** Adds `peerhold sim SCENARIO` to the parser. */
export function addSim(
  parser: Argv,
  accept: (invocation: SimInvocation) => void,
  check: (parsed: Readonly<Record<string, unknown>>) => true,
): void {
  parser.command(
    'sim <scenario>',
    'run a whole network in one process on a virtual clock, and see whether it holds',
    (command) =>
      command
        .positional('scenario', {
          type: 'string',
          demandOption: true,
          describe: 'a file (.yaml), see docs/simulation.md',
        })
        .options({
          seed: { ...text, describe: 'what all chance comes from: the same seed gives the same run (default: 1)' },
          seeds: { ...text, describe: 'many runs, with the seeds A..B' },
          nodes: { ...text, describe: "how many nodes begin, in place of the scenario's number" },
          trace: { ...text, describe: 'write every event of the run to this file, a line of JSON each; one seed only' },
          disk: {
            ...text,
            describe: "keep the nodes' folders below this directory, not in memory; nothing is shrunk then",
          },
          shrink: { type: 'boolean', default: true, describe: 'look for the fewest events with which it still fails' },
          jobs: { ...text, default: '1', describe: 'processes that share the seeds' },
          profile: { ...text, describe: 'what the nodes are made of (default: simulation)' },
          config: { ...text, describe: 'a config file of your own instead of the shipped one' },
          json: { type: 'boolean', default: false, describe: 'print one JSON object a run' },
        })
        .check(check)
        .example('$0 sim scenarios/mixed.yaml --seed 7', 'one run')
        .example('$0 sim scenarios/mixed.yaml --seeds 1..500 --jobs 2', 'five hundred, on two cores'),
    ({ scenario, seed, seeds, nodes, trace, disk, shrink, jobs, profile, config, json }) => {
      if (seed !== undefined && seeds !== undefined) throw new Error('--seed and --seeds exclude each other');
      const range = seeds === undefined ? both(wholeNumber('--seed', seed ?? '1', 0, MAX_SEED)) : parseRange(seeds);
      if (trace !== undefined && range[0] !== range[1]) throw new Error('--trace takes one seed: use --seed');
      accept({
        command: 'sim',
        scenario,
        seeds: range,
        nodes: nodes === undefined ? undefined : wholeNumber('--nodes', nodes, 1, MAX_NODES),
        trace,
        disk,
        shrink,
        jobs: wholeNumber('--jobs', jobs, 1, MAX_JOBS),
        profile,
        config,
        json,
      });
    },
  );
}

const text = { type: 'string', requiresArg: true } as const;

function both(seed: number): readonly [number, number] {
  return [seed, seed];
}

function parseRange(given: string): readonly [number, number] {
  const [, first, last] = /^(\d{1,16})\.\.(\d{1,16})$/.exec(given) ?? [];
  if (first === undefined || last === undefined || Number(first) > Number(last)) {
    throw new Error(`--seeds takes the first and the last, such as 1..500, got ${JSON.stringify(given)}`);
  }
  return [wholeNumber('--seeds', first, 0, MAX_SEED), wholeNumber('--seeds', last, 0, MAX_SEED)];
}

function wholeNumber(option: string, given: string, lowest: number, highest: number): number {
  const value = /^\d{1,16}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= lowest && value <= highest) return value;
  throw new Error(`${option} takes a whole number from ${lowest} to ${highest}, got ${JSON.stringify(given)}`);
}
