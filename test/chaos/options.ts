import { parseArgs } from 'node:util';
import { KernelError, toError, type Random } from '../../src/kernel/index.ts';

/** What `npm run test:chaos` is asked to do. */
export interface ChaosOptions {
  /** What all chance comes from. */
  readonly seed: number;
  /** How long things happen, in seconds; healing and looking come on top. */
  readonly seconds: number;
  readonly nodes: number;
  /** The program that makes links, as docs/chaos.md describes it; everything runs on loopback without one. */
  readonly emulator: string | undefined;
}

export const USAGE = `npm run test:chaos -- [options]

Real nodes in processes of their own, which are killed, stopped, cut off and flooded while files change; see docs/chaos.md.

  --seed N         what all chance comes from (drawn and printed where it is left out)
  --seconds N      how long things happen: 5 to 3600, by default 60
  --nodes N        how many nodes: 2 to 16, by default 6
  --emulator FILE  run on emulated links, made by this program, as root; on loopback without it
  --help           this text

Exit codes: 0 all held, 1 something did not, 2 it could not be run.
`;

/** Seeds are drawn below this, so that they are easy to pass on. */
const DRAWN_SEEDS = 1_000_000;

/**
 * Reads the words of the command line; `undefined` where only the help is wanted.
 *
 * @throws ERR_USAGE saying what is wrong.
 */
export function parseChaosOptions(words: readonly string[], random: Random): ChaosOptions | undefined {
  const values = valuesOf(words);
  if (values.help === true) return undefined;
  const { emulator } = values;
  if (emulator === '') throw wrong('--emulator is empty');
  return {
    seed: whole('seed', values.seed, [0, Number.MAX_SAFE_INTEGER]) ?? Math.floor(random.fraction() * DRAWN_SEEDS),
    seconds: whole('seconds', values.seconds, [5, 3_600]) ?? 60,
    nodes: whole('nodes', values.nodes, [2, 16]) ?? 6,
    emulator,
  };
}

/** The command that does the same once more. */
export function replayCommand({ seed, seconds, nodes, emulator }: ChaosOptions): string {
  const where = emulator === undefined ? '' : ` --emulator ${emulator}`;
  return `npm run test:chaos -- --seed ${seed} --seconds ${seconds} --nodes ${nodes}${where}`;
}

function valuesOf(words: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = { seed: text, seconds: text, nodes: text, emulator: text, help: { type: 'boolean' } } as const;
  try {
    return parseArgs({ args: [...words], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw wrong(toError(error).message, error);
  }
}

function whole(name: string, text: string | undefined, [from, to]: readonly [number, number]): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= from && value <= to) return value;
  throw wrong(`--${name} takes a whole number from ${from} to ${to}, got ${JSON.stringify(text)}`);
}

function wrong(problem: string, cause?: unknown): KernelError {
  return new KernelError('ERR_USAGE', `${problem} (npm run test:chaos -- --help)`, { cause });
}
