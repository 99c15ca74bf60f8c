import { FRAME_OVERHEAD_ALLOWANCE, MAX_FRAME_LENGTH } from '../../../kernel/index.ts';

/** What a bare transport carries, see MAX_FRAME_LENGTH. */
export const MAX_LENGTH = MAX_FRAME_LENGTH + FRAME_OVERHEAD_ALLOWANCE;

/** Time allowed for closing, as the contract says, and for the other side to take a call. */
export const CLOSE_TIMEOUT_MS = 5_000;
export const DIAL_TIMEOUT_MS = 5_000;

/** Calls that may wait to be taken from one listener. */
export const MAX_WAITING_CALLS = 1_024;
