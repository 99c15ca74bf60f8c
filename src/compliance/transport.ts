import { toCase, type ComplianceCase } from './compliance-case.ts';
import { abortingCases } from './transport/aborting.ts';
import { cancellingCases } from './transport/cancelling.ts';
import { closingCases } from './transport/closing.ts';
import { flowCases } from './transport/flow.ts';
import { frameCases } from './transport/frames.ts';
import { listeningCases } from './transport/listening.ts';
import type { TransportFixture } from './transport/stage.ts';

export type { TransportFixture } from './transport/stage.ts';

/** What every Transport must do, wrappers included. Two of the cases wait for the 5 s that the contract allows for closing. */
export function transportCompliance(fixture: TransportFixture): readonly ComplianceCase[] {
  return [frameCases, flowCases, closingCases, abortingCases, listeningCases, cancellingCases]
    .flat()
    .map((requirement) => toCase(requirement, fixture));
}
