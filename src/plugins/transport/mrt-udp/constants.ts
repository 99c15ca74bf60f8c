/** Datagram size that every path carries: IPv6's minimum MTU of 1,280 less its headers. Initials are padded to it. */
export const BASE_DATAGRAM = 1_200;

/** Largest UDP payload. */
export const LARGEST_DATAGRAM = 65_507;

/** How long an acknowledgement may wait for company (RFC 9000's default). */
export const MAX_ACK_DELAY_MS = 25;

/** Round-trip time assumed before the first measurement (RFC 9002, section 6.2.2). */
export const INITIAL_RTT_MS = 333;

/** Timers are not asked to be finer than this. */
export const GRANULARITY_MS = 1;

/** Longest wait between probes of a silent peer, so that a link that comes back is noticed soon. */
export const MAX_PROBE_INTERVAL_MS = 3_000;

/** Silence after our oldest unanswered packet, and probes sent within it, after which the peer is lost. */
export const PEER_LOST_MS = 15_000;
export const PEER_LOST_PROBES = 3;

/** Probes without any acknowledgement, however much else the peer sends, after which our packets do not reach it. */
export const SILENT_PROBES = 16;

/** Time allowed for closing, from the transport contract; also how long the end of a connection is remembered for a peer that missed it. */
export const CLOSE_TIMEOUT_MS = 5_000;

/** How long a dial goes unanswered, and how long an accepted handshake may stay half-open. */
export const HANDSHAKE_TIMEOUT_MS = 5_000;

/** First wait before an Initial is repeated; doubled each time. */
export const INITIAL_INTERVAL_MS = 250;

/** How long a retry token is good. */
export const RETRY_TOKEN_LIFE_MS = 10_000;

/** Most a peer's window is trusted for: bytes in flight and therefore kept for retransmission. */
export const MAX_BYTES_IN_FLIGHT = 16 * 1024 * 1024;

/**
 * Bytes a peer may send ahead of the reader at first; more once it is seen that path and reader take it. With a quarter of this a congestion
 * controller measures the window at the start, and not the path.
 */
export const INITIAL_WINDOW = 1024 * 1024;

/** Bytes not yet sent at which `send` starts to wait. */
export const SEND_BACKLOG = 512 * 1024;

/** Bytes that all connections of a socket hold together before those who hold their part have to wait: dozens of fast ones. */
export const SOCKET_MEMORY = 256 * 1024 * 1024;

/** Pieces of the stream kept apart because one before them is missing; what comes beyond is dropped and sent again. */
export const MAX_GAPS = 4_096;
