export { cipherCompliance, type CipherFixture } from './cipher.ts';
export type { ComplianceCase } from './compliance-case.ts';
export type { Conformance } from './conformance.ts';
export { loggerCompliance, type LoggerFixture, type LoggerUnderTest } from './logger.ts';
export { neighbourPriorityCompliance, type NeighbourPriorityFixture } from './neighbour-priority.ts';
export { pieceStrategyCompliance, type PieceStrategyFixture } from './piece-strategy.ts';
export { transportCompliance, type TransportFixture } from './transport.ts';
