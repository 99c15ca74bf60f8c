import { KernelError } from '../kernel/index.ts';

/** What a failed dial says first where somebody else, or nobody, is at the address: the line is the same over every transport. */
export const NOT_OURS = 'nothing there speaks this transport';

/**
 * The failure of a dial that was answered in another protocol: ERR_TRANSPORT_DIFFERS.
 *
 * @param what was answered, such as `the answer looks like SSH`.
 */
export function foreignAnswer(what: string, cause?: unknown): KernelError {
  return new KernelError('ERR_TRANSPORT_DIFFERS', `${NOT_OURS}; ${what}`, { cause });
}
