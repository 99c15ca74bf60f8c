import { linkConditionsSchema, type LinkConditions } from '../../../src/sim/index.ts';

/** Conditions of a link, perfect where nothing is said. */
export function conditions(given: Parameters<typeof linkConditionsSchema.parse>[0]): LinkConditions {
  return linkConditionsSchema.parse(given);
}

/** Links under which every transport must keep its contract. */
export const CONDITIONS: Readonly<Record<string, LinkConditions | undefined>> = {
  'without conditions': undefined,
  'with every condition at once': conditions({
    delayMs: 5,
    jitterMs: 5,
    loss: 0.002,
    reorder: 0.1,
    duplicate: 0.1,
    bytesPerSecond: 20_000_000,
  }),
};
