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
