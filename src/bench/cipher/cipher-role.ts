import type { Cipher } from '../../kernel/index.ts';
import { pluginSubjects } from '../plugin-subjects.ts';
import type { WorkerRole } from '../bench.ts';
import { CipherTrial } from './cipher-trial.ts';

/** What a cipher says of itself. */
export type CipherTraits = Pick<Cipher, 'overhead' | 'authenticated'>;

/** What the process of a cipher is asked. */
export type CipherQuestion =
  /** Takes a cipher by its place among `pluginSubjects`; answered with its traits. */
  | { readonly ask: 'choose'; readonly cipher: number; readonly seed: number }
  | { readonly ask: 'check'; readonly length: number }
  /** Answered with the seconds it took. */
  | { readonly ask: 'seal' | 'open'; readonly length: number; readonly records: number };

/** A process in which one cipher seals and opens, and nothing else happens. */
export const cipherRole: WorkerRole = async (setting) => {
  let trial: CipherTrial | undefined;
  const chosen = () => {
    if (trial === undefined) throw new Error('no cipher was chosen');
    return trial;
  };
  const answer = (question: CipherQuestion): CipherTraits | number | undefined => {
    switch (question.ask) {
      case 'choose': {
        const subject = pluginSubjects('cipher', setting)[question.cipher];
        if (subject === undefined) throw new RangeError(`there is no cipher ${question.cipher}`);
        const cipher = subject.create();
        trial = new CipherTrial({ cipher, seed: question.seed, clock: setting.clock });
        return { overhead: cipher.overhead, authenticated: cipher.authenticated };
      }
      case 'check':
        chosen().check(question.length);
        return undefined;
      case 'seal':
      case 'open':
        return chosen()[question.ask](question.length, question.records);
    }
  };
  return async (question) => answer(question as CipherQuestion);
};
