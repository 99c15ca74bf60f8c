import { toError } from '../kernel/index.ts';
import { systemClock, systemRandom } from '../kit/index.ts';
import { loadPlugins } from './conform-plugins.ts';
import { trialOf, type Trial } from './conform-suites.ts';
import { errorEvent } from './events.ts';
import type { Answer, Question } from './conform-bench.ts';

/**
 * The process in which `peerhold conform` tries the plugins of one file. It answers one question at a time; what it may
 * not survive (a plugin that never returns, that ends the process) is for the other process to notice.
 */
const [file = '', directory = ''] = process.argv.slice(2);
const clock = systemClock();

process.on('message', ({ id, question }: { readonly id: number; readonly question: Question }) => {
  answer(question).then(
    (value) => reply({ id, answer: value }),
    (error: unknown) => reply({ id, failure: errorEvent(error) }),
  );
});
// What nobody caught may come from any case before, but most likely from the one that runs.
process.on('uncaughtException', (error) => {
  process.send?.({ uncaught: toError(error).message }, () => process.exit(1));
});
process.on('disconnect', () => process.exit(0));

const loading = loadPlugins(file).then((plugins) => {
  const world = { clock, random: systemRandom(), environment: process.env, directory };
  return plugins.map(({ definition, conformance }) => ({
    definition,
    trial: trialOf({ definition, conformance }, world),
  }));
});
// The first question asks for its outcome.
loading.catch(() => undefined);

async function answer(question: Question): Promise<Answer> {
  const plugins = await loading;
  if (question.ask === 'list') {
    return plugins.map(({ definition: { kind, name, about }, trial }) => ({
      kind,
      name,
      about,
      cases: trial.cases.map((each) => each.name),
      measurable: trial.measure !== undefined,
    }));
  }
  const trial = plugins[question.plugin]?.trial;
  if (question.ask === 'measure') return trial?.measure?.();
  return runCase(trial, question.case);
}

async function runCase(trial: Trial | undefined, index: number): Promise<Answer> {
  const started = clock.now();
  const reason = await trial?.cases[index]?.run().then(
    () => undefined,
    (error: unknown) => toError(error).message,
  );
  const milliseconds = clock.now() - started;
  // An error that nobody caught comes up before anything else is begun.
  await new Promise<void>((resolve) => clock.setTimer(0, resolve));
  return { reason, milliseconds };
}

function reply(message: object): void {
  process.send?.(message);
}
