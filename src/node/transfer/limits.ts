/** Requests of one transfer that may be open at once; a peer that exceeds it loses the connection (ERR_LIMIT). Part of the protocol. */
export const MAX_OPEN_REQUESTS = 1_024;

/** Bytes asked for and not yet received by a transfer through a tunnel: the direct connection has better things to carry. */
export const TUNNEL_WINDOW = 1024 * 1024;

/** Bytes of a file that is asked for before its manifest has come: sent twice in the worst case, and in any other a round trip sooner. */
export const SMALL_LENGTH = 64 * 1024;

/** Targets that one SEND works on at once. */
export const OFFERS_AT_ONCE = 8;

/** Sources that one file is fetched from at once. */
export const MAX_SOURCES = 8;

/** Missing pieces for which another source is asked: fewer come sooner from one than it takes to reach a second. */
export const PIECES_PER_SOURCE = 4;
