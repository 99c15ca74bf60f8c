import type { BenchContext } from '../bench/bench.ts';
import { openReportPage, type ReportPage } from '../bench/page/report-page.ts';
import { presentReport } from '../bench/present/table.ts';
import { failuresOf, runBench } from '../bench/run-bench.ts';
import { KernelError } from '../kernel/index.ts';
import type { BenchOptions } from './bench-arguments.ts';
import { ForkedWorker } from './bench-process.ts';
import { BenchProgressLine } from './bench-progress.ts';
import { benchNamed, benchSetting } from './bench-setting.ts';
import { MAIN_FILE } from './installation.ts';
import type { Program } from './program.ts';

const DEFAULT_COLUMNS = 100;

/**
 * Runs a bench, tells how far it is on standard error, and prints a table or JSON; with `report` also writes the page. Resolves to whether
 * every subject gave right answers.
 *
 * @throws ERR_CONFIG, ERR_PLUGIN; ERR_NOT_INSTALLED, ERR_EMULATOR, ERR_DISK_FULL, ERR_EXISTS and ERR_FOLDER before anything is measured;
 * ERR_ABORTED where the user gives up.
 */
export async function bench(options: BenchOptions, program: Program): Promise<boolean> {
  const { stdout, stderr, clock, version } = program;
  const page: ReportPage | undefined = options.report === undefined ? undefined : await openReportPage(options.report);
  const chosen = benchNamed(options.bench);
  const setting = await benchSetting(chosen, options, program);
  const interrupted = new AbortController();
  const stopListening = program.onInterrupt(() => interrupted.abort(new KernelError('ERR_ABORTED', 'interrupted')));
  const line = new BenchProgressLine(stderr, clock);
  const workers = new Set<ForkedWorker>();
  const context: BenchContext = {
    ...setting,
    quick: options.quick,
    seed: options.seed,
    signal: interrupted.signal,
    program: { file: MAIN_FILE, config: options.config },
    progress: (progress) => line.show(progress),
    emulator: options.emulator,
    async startWorker(role, place) {
      interrupted.signal.throwIfAborted();
      const worker = new ForkedWorker({ ...options, role }, place);
      workers.add(worker);
      return worker;
    },
  };
  // A process that works for seconds on end would not hear of it.
  interrupted.signal.addEventListener('abort', () => workers.forEach((worker) => void worker.close()));
  try {
    const versions = { peerhold: version, node: process.versions.node, v8: process.versions.v8 };
    const report = await runBench(chosen, context, { command: commandOf(options), versions });
    line.clear();
    await page?.write(report);
    if (options.json) stdout.write(`${JSON.stringify(report)}\n`);
    else stdout.write(presentReport(report, stdout.stream.columns ?? DEFAULT_COLUMNS, stdout.isTerminal));
    if (page !== undefined && !options.json) stdout.write(`\nThe page is ${page.file}\n`);
    return failuresOf(report).size === 0;
  } finally {
    line.clear();
    stopListening();
    await Promise.all([...workers].map((worker) => worker.close()));
  }
}

/** The words that repeat the run. */
function commandOf({ bench: name, quick, seed, emulator, strategies, config }: BenchOptions): string {
  const words = ['peerhold', 'bench', name];
  if (quick) words.push('--quick');
  if (seed !== 1) words.push('--seed', String(seed));
  // Which emulator is this machine's affair; that there was one is not.
  if (emulator !== undefined) words.push('--emulator', 'FILE');
  if (strategies !== undefined) words.push('--strategies', strategies);
  if (config !== undefined) words.push('--config', config);
  return words.join(' ');
}
