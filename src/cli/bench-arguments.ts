import type { Argv } from 'yargs';
import { BENCHES } from '../bench/benches.ts';

/** What `peerhold bench` is asked to do. */
export interface BenchOptions {
  /** The bench's name. */
  readonly bench: string;
  readonly quick: boolean;
  readonly seed: number;
  readonly json: boolean;
  /** Directory for the page and the data; none is written where it is absent. */
  readonly report: string | undefined;
  readonly config: string | undefined;
  /** File with plugins of the user's own. */
  readonly strategies: string | undefined;
  /** Program that emulates links, for the bench of that name. */
  readonly emulator: string | undefined;
}

/** What the process of one subject is started as; nothing that a user types. */
export interface BenchWorkerOptions {
  readonly bench: string;
  readonly role: string;
  readonly config: string | undefined;
  readonly strategies: string | undefined;
}

export type BenchInvocation =
  ({ readonly command: 'bench' } & BenchOptions) | ({ readonly command: 'bench-worker' } & BenchWorkerOptions);

const SEEDS = 2 ** 32;

/** The bench that uses an emulator. */
const EMULATED = 'link';

/** Adds `peerhold bench NAME`, and the command of its processes, to the parser. */
export function addBench(
  parser: Argv,
  accept: (invocation: BenchInvocation) => void,
  check: (parsed: Readonly<Record<string, unknown>>) => true,
): void {
  const names = BENCHES.map(({ name }) => name);
  parser.command(
    'bench <name>',
    'compare plugins on this machine: a table, JSON, or a page with charts',
    (command) =>
      command
        .positional('name', { choices: names, demandOption: true, describe: 'what to compare' })
        .options({
          quick: { type: 'boolean', default: false, describe: 'within a minute instead of five' },
          seed: { type: 'string', requiresArg: true, default: '1', describe: 'what all randomness comes from' },
          json: { type: 'boolean', default: false, describe: 'print the whole report as one JSON object' },
          report: { ...text, describe: 'write index.html, with charts, and report.json to this directory' },
          strategies: { ...text, describe: 'a file (.ts, .js) that exports plugins of your own, to compare them too' },
          config: { ...text, describe: 'a config file of your own, whose plugins are compared' },
          emulator: { ...text, describe: 'link only: a program that emulates links, see docs/benchmarks.md' },
        })
        .check(check)
        .example('$0 bench priority --quick', 'the ways to order neighbours')
        .example('$0 bench priority --report ./report', 'the same in full, as a page to open in a browser')
        .example('$0 bench link --emulator FILE', 'transports over links that are slow and lose packets')
        .epilogue(`Benches:\n${BENCHES.map(({ name, about }) => `  ${name.padEnd(11)}${about}`).join('\n')}`),
    ({ name, quick, seed, json, report, strategies, config, emulator }) => {
      if (emulator !== undefined && name !== EMULATED) throw new Error(`--emulator goes with bench ${EMULATED} alone`);
      accept({
        command: 'bench',
        bench: name,
        quick,
        seed: parseSeed(seed),
        json,
        report,
        strategies,
        config,
        emulator,
      });
    },
  );
  parser.command(
    'bench-worker <name> <role>',
    false,
    (command) =>
      command
        .positional('name', { choices: names, demandOption: true })
        .positional('role', { type: 'string', demandOption: true })
        .options({ strategies: text, config: text }),
    ({ name, role, strategies, config }) => accept({ command: 'bench-worker', bench: name, role, strategies, config }),
  );
}

const text = { type: 'string', requiresArg: true } as const;

function parseSeed(given: string): number {
  const seed = /^\d{1,10}$/.test(given) ? Number(given) : NaN;
  if (seed < SEEDS) return seed;
  throw new Error(`--seed takes a whole number from 0 to ${SEEDS - 1}, got ${JSON.stringify(given)}`);
}
