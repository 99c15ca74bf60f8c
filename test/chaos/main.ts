import { KernelError, errorCode, toError } from '../../src/kernel/index.ts';
import { systemRandom } from '../../src/kit/index.ts';
import { runChaos } from './chaos.ts';
import { USAGE, parseChaosOptions, replayCommand } from './options.ts';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => interrupted.abort(new KernelError('ERR_ABORTED', 'interrupted')));
}
const print = (line: string) => console.log(line);

try {
  const options = parseChaosOptions(process.argv.slice(2), systemRandom());
  if (options === undefined) print(USAGE);
  else {
    const { problems, kept } = await runChaos(options, { print, signal: interrupted.signal });
    if (problems.length > 0) {
      print(`\nseed ${options.seed} FAILED:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
      print(`  folders and logs: ${kept ?? '-'}\n  replay: ${replayCommand(options)}`);
      process.exitCode = 1;
    } else print(`seed ${options.seed} holds`);
  }
} catch (error) {
  console.error(`${errorCode(error) ?? 'ERR_INTERNAL'}: ${toError(error).message}`);
  process.exitCode = 2;
}
