import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KernelError } from '../kernel/index.ts';
import { ProcessBench } from './conform-bench.ts';
import { presentCase, presentPlugin, presentSum } from './conform-card.ts';
import { Inspection, type PluginCard } from './conform-inspection.ts';
import type { Program } from './program.ts';

export interface ConformOptions {
  /** The file with the plugin. */
  readonly file: string;
  readonly json: boolean;
}

/**
 * Runs the compliance suite of every plugin that a file exports, and prints a card for each: for people while it runs, as one JSON
 * object at the end. Resolves to whether all passed, within two minutes whatever the plugins do.
 *
 * @throws ERR_PLUGIN where the file cannot be loaded or holds no plugin, ERR_ABORTED where the user gives up.
 */
export async function conform({ file, json }: ConformOptions, program: Program): Promise<boolean> {
  const { clock, stdout } = program;
  const directory = await mkdtemp(join(tmpdir(), 'peerhold-conform-'));
  const interrupted = new AbortController();
  const stopListening = program.onInterrupt(() => interrupted.abort(new KernelError('ERR_ABORTED', 'interrupted')));
  const print = (text: string) => {
    if (!json) stdout.write(text);
  };
  try {
    const inspection = new Inspection({
      openBench: () => new ProcessBench(file, directory),
      clock,
      signal: interrupted.signal,
      listener: {
        begin: (plugin) => print(presentPlugin(plugin)),
        result: (result) => print(presentCase(result)),
      },
    });
    const plugins = await inspection.run();
    const passed = plugins.every((card) => card.passed);
    if (json) stdout.write(`${JSON.stringify({ passed, plugins }, null, 2)}\n`);
    else stdout.write(sums(plugins));
    return passed;
  } finally {
    stopListening();
    await rm(directory, { recursive: true, force: true });
  }
}

function sums(plugins: readonly PluginCard[]): string {
  return `\n${plugins.map(presentSum).join('')}`;
}
