import type { ComplianceCase } from '../../src/compliance/index.ts';

/** A sound implementation made wrong in one way, and the case that must catch it. */
export interface Broken<Contract> {
  readonly defect: string;
  readonly caughtBy: string;
  breakIt(sound: Contract): Contract;
}

/** A test for each defect: the case named fails for what is broken, and, so that it is no case that always fails, passes for what is sound. */
export function expectCaught<Contract>(
  broken: readonly Broken<Contract>[],
  suiteOf: (breakIt: (sound: Contract) => Contract) => readonly ComplianceCase[],
): void {
  test('names each case once', () => {
    const names = suiteOf((sound) => sound).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(broken)('catches one that $defect', async ({ caughtBy, breakIt }) => {
    const run = async (suite: readonly ComplianceCase[]) => {
      const found = suite.find(({ name }) => name === caughtBy);
      expect(found?.name).toBe(caughtBy);
      await found?.run();
    };
    await expect(run(suiteOf(breakIt))).rejects.toMatchObject({ name: 'ComplianceError' });
    await run(suiteOf((sound) => sound));
  });
}
