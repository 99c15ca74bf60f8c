import type { WorkerRole } from '../bench.ts';
import { fetchFile, serveFile, type LimitForm } from './limit-program.ts';

/** What a process of the limit program is asked. A port answers the first; the second is answered when the file is on the disk. */
export type LimitQuestion =
  | { readonly ask: 'serve'; readonly form: LimitForm; readonly path: string }
  | { readonly ask: 'fetch'; readonly form: LimitForm; readonly port: number; readonly path: string };

/** One end of the limit program. */
export const limitRole: WorkerRole = async () => async (asked) => {
  const question = asked as LimitQuestion;
  return question.ask === 'serve'
    ? serveFile(question.form, question.path)
    : fetchFile(question.form, question.port, question.path);
};
