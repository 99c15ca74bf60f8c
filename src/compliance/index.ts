export type { ComplianceCase } from './compliance-case.ts';
export { transportCompliance, type TransportFixture } from './transport.ts';
