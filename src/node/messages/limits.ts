/**
 * What a message may hold. Beyond any of these a frame is malformed (ERR_MESSAGE) and ends the connection it came on; our own side
 * never makes one. `docs/protocol.md` lists them; a test keeps the two equal.
 */

/** Bytes of a text message. Small, so that a heartbeat never waits long behind one. */
export const MAX_TEXT_LENGTH = 64 * 1024;

/** Bytes of a file asked for, or sent, in one binary message. */
export const MAX_RANGE_LENGTH = 512 * 1024;

/** Largest whole number in a text message, and last byte position of a file: 2^53 - 1, what a double holds exactly. */
export const MAX_NUMBER = Number.MAX_SAFE_INTEGER;

/** Milliseconds a time of day may be away from 1970: what a JavaScript date holds. */
export const MAX_TIME_MS = 8_640_000_000_000_000;

/** Nodes listed in one message. */
export const MAX_NODES = 1_024;

/** File statements of one node in one message. */
export const MAX_FILES = 1_024;

/** Ranges of keys in a SUMM. */
export const MAX_RANGES = 512;

/** Ranges of which a SUMM lists all keys. */
export const MAX_LISTINGS = 512;

/** Keys that a SUMM lists in all its ranges together, and keys that it wants. */
export const MAX_KEYS = 1_024;

/** Nodes a FULL names. */
export const MAX_ALTERNATIVES = 16;

/** Bytes of the `ip` of an address, which holds the whole address where a transport has no ports. */
export const MAX_ADDRESS_LENGTH = 255;

/** Writers in a version vector. */
export const MAX_WRITERS = 256;

/** Largest counter in a version vector: 2^40, so that the sum over all writers is exact. */
export const MAX_COUNTER = 2 ** 40;

/** Features named in a CONN. */
export const MAX_FEATURES = 32;

/** Minor version of the protocol. */
export const MAX_MINOR_VERSION = 65_535;

/** Bytes of a file name. */
export const MAX_NAME_LENGTH = 1_024;

/** Bytes of one part of a file name. */
export const MAX_NAME_PART_LENGTH = 255;

/** Parts of a file name. */
export const MAX_NAME_DEPTH = 32;

/** Characters of the code in a REFUSE. */
export const MAX_CODE_LENGTH = 64;

export { MAX_PIECES } from '../pieces/piece-set.ts';
