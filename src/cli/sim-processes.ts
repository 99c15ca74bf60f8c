import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { KernelError } from '../kernel/index.ts';
import type { SimOptions } from './sim-arguments.ts';
import type { SimLine } from './sim-report.ts';

/** Seeds that a process gets at once: so many that starting it costs little, so few that all end at about one time. */
const SEEDS_AT_ONCE = 250;

/**
 * What a process does with its memory: nearly all that a run makes is garbage soon, so it is collected rarely, and by the thread that made it, since
 * all cores are taken by such processes. Timers and what waits for them outlive so many collections of the young that V8 would make them among the old,
 * where they keep all they refer to for seconds after they are over: three times as much was copied.
 */
const HEAP_OPTIONS = [
  '--single-threaded-gc',
  '--min-semi-space-size=64',
  '--max-semi-space-size=64',
  '--no-allocation-site-pretenuring',
];

/**
 * Shares the seeds out among processes of this program, each of which runs its part and says so in JSON lines. `onRun` hears of the runs as
 * they end, in no order.
 *
 * @throws ERR_INTERNAL where a process ends in another way than by saying how its runs went.
 */
export async function runInProcesses(options: SimOptions, onRun: (line: SimLine) => void): Promise<void> {
  const [first, last] = options.seeds;
  let next = first;
  const size = Math.max(1, Math.min(SEEDS_AT_ONCE, Math.ceil((last - first + 1) / options.jobs)));
  const work = async () => {
    while (next <= last) {
      const from = next;
      next = Math.min(last, from + size - 1) + 1;
      await runPart(options, from, next - 1, onRun);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
}

async function runPart(options: SimOptions, from: number, to: number, onRun: (line: SimLine) => void): Promise<void> {
  const { scenario, nodes, disk, profile, config } = options;
  const main = fileURLToPath(new URL(`./main${import.meta.url.slice(-3)}`, import.meta.url));
  const words = ['sim', scenario, '--seeds', `${from}..${to}`, '--json', '--shrink=false'];
  if (nodes !== undefined) words.push('--nodes', String(nodes));
  if (disk !== undefined) words.push('--disk', disk);
  if (profile !== undefined) words.push('--profile', profile);
  if (config !== undefined) words.push('--config', config);
  const child = spawn(process.execPath, [...process.execArgv, ...HEAP_OPTIONS, main, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  let runs = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    onRun(JSON.parse(line) as SimLine);
    runs++;
  }
  const [code] = await ended;
  if (runs === to - from + 1) return;
  throw new KernelError(
    'ERR_INTERNAL',
    `the process of seeds ${from}..${to} ended with code ${code} after ${runs} runs`,
  );
}
