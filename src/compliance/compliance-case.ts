import { ComplianceError } from './expectations.ts';

/**
 * One requirement of a contract, as data: no test runner is needed to run it. With jest, vitest or node:test:
 * `for (const { name, run } of transportCompliance(fixture)) test(name, run)`.
 */
export interface ComplianceCase {
  /** The requirement, as one sentence; unique within its suite. */
  readonly name: string;
  /** Rejects, saying what was expected and what was found, where the requirement is not met. Runs in any order, any number of times. */
  readonly run: () => Promise<void>;
}

/** A requirement, before it knows the implementation. */
export interface Requirement<Fixture> {
  readonly name: string;
  check(fixture: Fixture): void | Promise<void>;
}

/** Makes the case of a requirement. Whatever an implementation throws where it should not is a requirement not met. */
export function toCase<Fixture>({ name, check }: Requirement<Fixture>, fixture: Fixture): ComplianceCase {
  return {
    name,
    run: async () => {
      try {
        await check(fixture);
      } catch (error) {
        if (error instanceof ComplianceError) throw error;
        throw new ComplianceError(`it threw ${String(error)}`, { cause: error });
      }
    },
  };
}
