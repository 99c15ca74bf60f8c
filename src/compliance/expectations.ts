import { errorCode, type ErrorCode } from '../kernel/index.ts';

/** What a requirement that was not met throws. */
export class ComplianceError extends Error {
  override readonly name = 'ComplianceError';
}

/** Fails with the message, or what makes it, where the condition does not hold. */
export function expect(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new ComplianceError(typeof message === 'string' ? message : message());
}

/** Fails where two plain values differ, naming both. */
export function expectEqual<T extends string | number | bigint | boolean | undefined>(
  found: T,
  expected: T,
  what: string,
): void {
  expect(Object.is(found, expected), `${what}: expected ${String(expected)}, found ${String(found)}`);
}

/** Fails where two lists differ, naming the first place. */
export function expectSameList<T>(found: readonly T[], expected: readonly T[], what: string): void {
  const length = Math.max(found.length, expected.length);
  for (let index = 0; index < length; index++) {
    if (index < found.length && index < expected.length && Object.is(found[index], expected[index])) continue;
    const show = (list: readonly T[]) => (index < list.length ? String(list[index]) : 'nothing more');
    throw new ComplianceError(`${what}: at ${index} expected ${show(expected)}, found ${show(found)}`);
  }
}

/** Fails where two byte strings differ, naming the first place. */
export function expectBytes(found: Uint8Array, expected: Uint8Array, what: string): void {
  expectEqual(found.length, expected.length, `${what}: length in bytes`);
  const at = found.findIndex((byte, index) => byte !== expected[index]);
  expect(at === -1, `${what}: byte ${at} is ${found[at]}, expected ${expected[at]}`);
}

/** How a promise ended. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T; readonly error?: undefined }
  | { readonly ok: false; readonly error: unknown };

/** Turns a promise into one that always resolves, so that it may fail while nobody awaits it. */
export function outcomeOf<T>(promise: PromiseLike<T>): Promise<Outcome<T>> {
  return Promise.resolve(promise).then(
    (value) => ({ ok: true, value }),
    (error: unknown) => ({ ok: false, error }),
  );
}

/** Fails unless the outcome is an error of this code. */
export function expectCode(outcome: Outcome<unknown>, code: ErrorCode, what: string): void {
  expect(!outcome.ok, `${what}: expected ${code}, but it succeeded`);
  const found = errorCode(outcome.error) ?? String(outcome.error);
  expect(found === code, `${what}: expected ${code}, found ${found}`);
}

/** Fails unless the outcome is this very error. */
export function expectReason(outcome: Outcome<unknown>, reason: Error, what: string): void {
  expect(!outcome.ok, `${what}: expected the reason '${reason.message}', but it succeeded`);
  expect(outcome.error === reason, `${what}: expected the reason '${reason.message}', found ${String(outcome.error)}`);
}

/** Fails unless the outcome is a success. */
export function expectSuccess(outcome: Outcome<unknown>, what: string): void {
  expect(outcome.ok, `${what} failed: ${String(outcome.error)}`);
}

/** What a synchronous call did. */
export function attempt<T>(call: () => T): Outcome<T> {
  try {
    return { ok: true, value: call() };
  } catch (error) {
    return { ok: false, error };
  }
}
