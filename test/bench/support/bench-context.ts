import shipped from '../../../plugins.config.ts';
import type { Bench, BenchContext } from '../../../src/bench/bench.ts';
import type { AnyPluginDefinition } from '../../../src/kernel/index.ts';
import { systemClock } from '../../../src/kit/index.ts';

/** What a bench is run with in tests: the shipped plugins, or those given, and workers that answer in this process. */
export function benchContext({ workers }: Pick<Bench, 'workers'>, changes: Partial<BenchContext> = {}): BenchContext {
  const context: BenchContext = {
    config: shipped,
    plugins: shipped.plugins.map(({ definition }) => definition as unknown as AnyPluginDefinition),
    clock: systemClock(),
    environment: {},
    quick: true,
    seed: 1,
    signal: new AbortController().signal,
    program: { file: '', config: undefined },
    progress: () => undefined,
    async startWorker(role) {
      const answer = await workers[role]?.(context);
      if (answer === undefined) throw new Error(`the bench has no role ${role}`);
      const close = async () => undefined;
      return { pid: process.pid, ask: answer, close, [Symbol.asyncDispose]: close };
    },
    ...changes,
  };
  return context;
}
