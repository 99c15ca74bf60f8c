import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { KernelError, toError } from '../kernel/index.ts';
import { printScenario, readScenario, runScenario, shrinkRun, type RunResult, type Scenario } from '../sim/index.ts';
import { loadConfig, selectProfile } from './load-config.ts';
import type { Program } from './program.ts';
import type { SimOptions } from './sim-arguments.ts';
import { SimReport, type SimLine } from './sim-report.ts';
import { runInProcesses } from './sim-processes.ts';

/** The profile whose nodes reach each other within one process. */
const DEFAULT_PROFILE = 'simulation';

/**
 * Runs a scenario with each seed, and shrinks the first run that fails, where it is in memory and so can be had again. Resolves to whether every
 * run held.
 *
 * @throws ERR_USAGE where the scenario is wrong or cannot be read, or the directory cannot be used; ERR_CONFIG where the config is wrong.
 */
export async function sim(options: SimOptions, program: Program): Promise<boolean> {
  const scenario = await loadScenario(options);
  const report = new SimReport(options, program);
  if (options.jobs > 1 && options.seeds[0] < options.seeds[1]) {
    await runInProcesses(options, (line) => report.add(line));
  } else {
    await runSeeds(options, scenario, program, report);
  }
  const failed = report.firstFailed;
  if (failed !== undefined && options.shrink && options.disk === undefined)
    await shrink(failed, { options, scenario, program, report });
  report.end();
  return failed === undefined;
}

async function runSeeds(options: SimOptions, scenario: Scenario, program: Program, report: SimReport): Promise<void> {
  const [first, last] = options.seeds;
  const profile = await profileOf(options, program);
  const trace = options.trace === undefined ? undefined : await openTrace(options.trace);
  for (let seed = first; seed <= last; seed++) {
    const directory = options.disk === undefined ? undefined : await directoryFor(options.disk, seed);
    const started = program.clock.now();
    const result = await runScenario({ scenario, seed, profile, directory, onLine: trace?.write });
    const line = lineOf(result, program.clock.now() - started);
    report.add(directory === undefined ? line : { ...line, hash: undefined });
  }
  await trace?.close();
}

interface ShrinkScene {
  readonly options: SimOptions;
  readonly scenario: Scenario;
  readonly program: Program;
  readonly report: SimReport;
}

/** Prints the smallest scenario that fails with the seed, and keeps it in a file beside the scenario's. */
async function shrink(seed: number, { options, scenario, program, report }: ShrinkScene): Promise<void> {
  const profile = await profileOf(options, program);
  const failed = await runScenario({ scenario, seed, profile });
  const smallest = await shrinkRun(failed, { scenario, seed, profile, onTried: (tried) => report.tried(tried) });
  const text = printScenario(scenario, smallest.edges, smallest.timeline);
  const file = `${options.scenario.replace(/\.ya?ml$/, '')}.seed-${seed}.yaml`;
  await writeFile(file, text).catch((thrown: unknown) => {
    throw new KernelError('ERR_USAGE', `cannot write ${file}: ${toError(thrown).message}`, { cause: thrown });
  });
  report.shrunk({ seed, file, events: smallest.timeline.length, of: failed.timeline.length, scenario: text });
}

async function loadScenario({ scenario: file, nodes }: SimOptions): Promise<Scenario> {
  const text = await readFile(file, 'utf8').catch((thrown: unknown) => {
    throw new KernelError('ERR_USAGE', `cannot read the scenario ${file}: ${toError(thrown).message}`, {
      cause: thrown,
    });
  });
  const scenario = readScenario(text, file);
  return nodes === undefined ? scenario : { ...scenario, nodes };
}

/** A new directory for the folders of one run. @throws ERR_USAGE where it cannot be made, or something is in it. */
async function directoryFor(disk: string, seed: number): Promise<string> {
  const directory = join(resolve(disk), `seed-${seed}`);
  const refuse = (reason: string, cause?: unknown) =>
    new KernelError('ERR_USAGE', `${directory}: ${reason}`, { cause });
  const found = await mkdir(directory, { recursive: true })
    .then(() => readdir(directory))
    .catch((thrown: unknown) => {
      throw refuse(toError(thrown).message, thrown);
    });
  if (found.length > 0) throw refuse('a run starts with empty folders: remove it, or choose another directory');
  return directory;
}

/** A profile for each run, so that no run's network is another's. */
async function profileOf(options: SimOptions, { shippedConfig }: Program) {
  const config = options.config === undefined ? shippedConfig : await loadConfig(options.config);
  return () => selectProfile(config, options.profile ?? DEFAULT_PROFILE);
}

function lineOf({ seed, hash, problems, virtualSeconds, frames, bytes, timeline }: RunResult, tookMs: number): SimLine {
  return {
    seed,
    ok: problems.length === 0,
    hash,
    virtualSeconds,
    tookMs: Math.round(tookMs),
    events: timeline.length,
    frames,
    bytes,
    problems,
  };
}

async function openTrace(file: string) {
  const stream = createWriteStream(file);
  try {
    await once(stream, 'open');
  } catch (error) {
    throw new KernelError('ERR_USAGE', `cannot write the trace to ${file}: ${toError(error).message}`, {
      cause: error,
    });
  }
  return {
    write: (line: string) => void stream.write(`${line}\n`),
    close: async () => {
      stream.end();
      await once(stream, 'close');
    },
  };
}
