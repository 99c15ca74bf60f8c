import { once } from 'node:events';
import { KernelError, toError } from '../kernel/index.ts';
import type { BenchWorkerOptions } from './bench-arguments.ts';
import type { WorkerQuestion, WorkerReply } from './bench-process.ts';
import { benchNamed, benchSetting } from './bench-setting.ts';
import type { Program } from './program.ts';

/** Answers the questions of the process that started this one, until that lets go. */
export async function benchWorker(options: BenchWorkerOptions, program: Program): Promise<void> {
  if (process.send === undefined) throw new KernelError('ERR_USAGE', 'bench-worker is started by bench, not by hand');
  const over = once(process, 'disconnect');
  const bench = benchNamed(options.bench);
  const role = bench.workers[options.role];
  if (role === undefined) throw new KernelError('ERR_USAGE', `bench ${bench.name} has no role ${options.role}`);
  const opening = benchSetting(bench, options, program).then(role);
  // Each question asks for its outcome.
  opening.catch(() => undefined);
  process.on('message', ({ id, question }: WorkerQuestion) => {
    opening
      .then((answer) => answer(question))
      .then(
        (answer) => reply({ id, answer }),
        (error: unknown) => reply({ id, failure: toError(error).message }),
      );
  });
  await over;
}

function reply(message: WorkerReply): void {
  process.send?.(message);
}
