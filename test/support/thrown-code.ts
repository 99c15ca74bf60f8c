import { errorCode } from '../../src/kernel/index.ts';

/** The code of what the call throws; 'nothing' where it returns, and the text of an error that has no code. */
export function thrownCode(call: () => unknown): string {
  try {
    call();
    return 'nothing';
  } catch (error) {
    return errorCode(error) ?? String(error);
  }
}
