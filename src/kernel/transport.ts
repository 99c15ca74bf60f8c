import type { AbortOptions } from './abort.ts';

/** Where a transport reaches a node: text that only its transport takes apart, in canonical form. */
export type Address = string;

/** Largest frame that users of a session may send, in bytes of plaintext (design: 1 MiB). */
export const MAX_FRAME_LENGTH = 1024 * 1024;

/** What wrappers of a transport may add to one frame, in bytes. A bare transport carries MAX_FRAME_LENGTH plus this. */
export const FRAME_OVERHEAD_ALLOWANCE = 1024;

/** Host and port, as an address names them. */
export interface HostAndPort {
  /** An IP address without brackets, or a name; empty where whoever receives the address is to fill it in. */
  readonly host: string;
  /** 0 to 65535. */
  readonly port: number;
}

/**
 * How the addresses of a transport are made of hosts and ports, so that a node can tell others where it is: it asks for the port it had
 * before, and leaves to its peers to fill in a host that means nothing to them. All of it is pure.
 */
export interface AddressForm {
  /** What `parse`, `join`, a listener or either end of a connection gave, taken apart; `undefined` where it names no host. Never throws. */
  split(address: Address): HostAndPort | undefined;

  /**
   * The address with another host and port, and all else as it was: in canonical form, or, where the host is empty, as text that only
   * `split` and `join` take. Throws ERR_ADDRESS where host and port make no address.
   */
  join(address: Address, at: HostAndPort): Address;
}

/** Carries whole frames between two addresses. Knows no peers, files or keys. */
export interface Transport {
  /** Largest frame a connection carries, in bytes; one byte more is refused with ERR_FRAME_TOO_LARGE, on both sides. */
  readonly maxFrameLength: number;

  /**
   * How addresses name hosts and ports. May be left out: addresses of the form `host:port` are then understood all the same, and those
   * of any other form are told to others as they stand.
   */
  readonly addressForm?: AddressForm | undefined;

  /** The canonical form of an address, or throws ERR_ADDRESS saying which form is expected. Pure. */
  parse(text: string): Address;

  /**
   * Starts to accept connections. At most one listener at a time: a second call before the first is closed rejects with
   * ERR_ALREADY_LISTENING. Rejects with ERR_ADDRESS_IN_USE or ERR_LISTEN_FAILED.
   */
  listen(address: Address, options?: AbortOptions): Promise<Listener>;

  /**
   * Connects, from the listener's socket where there is one and the transport can. Resolves when the other side took
   * the connection; rejects with ERR_DIAL_FAILED, ERR_TRANSPORT_DIFFERS or the signal's reason.
   */
  dial(address: Address, options?: AbortOptions): Promise<Connection>;
}

/** Accepts connections, in order of arrival. One consumer; iteration ends when the listener is closed. */
export interface Listener extends AsyncIterable<Connection>, AsyncDisposable {
  /** Where it listens, with the real port if 0 was asked for. */
  readonly address: Address;

  /** Stops to accept; refuses whoever was not yet taken from the iterator. Open connections live on. Idempotent. */
  close(): Promise<void>;
}

/**
 * Whole frames, in order, each once, in both directions. Iterating receives: one consumer. A received frame belongs to
 * the receiver. The iterator ends after the peer's `close`, when all it sent has been yielded; it throws
 * ERR_CONNECTION_LOST where the connection ended without the peer's closing mark, ERR_FRAME_TOO_LARGE where the peer
 * exceeds the limit, and the given reason after `abort`. After our own `close` it goes on to yield what the peer sends until the
 * peer closes too; the transport ends by itself what the peer leaves open longer than the time allowed for closing.
 */
export interface Connection extends AsyncIterable<Uint8Array>, AsyncDisposable {
  readonly local: Address;
  /** Where frames come from; not necessarily an address that can be dialled. */
  readonly remote: Address;

  /**
   * Sends one frame, 0 to `maxFrameLength` bytes. Awaiting it is the flow control: it resolves when the transport can take
   * more, not when the peer has the frame. Calls made without waiting keep their order. The transport may keep the
   * frame until it resolves; the caller does not change it before. Rejects with ERR_FRAME_TOO_LARGE (the connection lives),
   * ERR_CLOSED after `close`, the abort's reason, ERR_CONNECTION_LOST, or the signal's reason, in which case
   * the frame was either not sent at all or will be sent whole.
   */
  send(frame: Uint8Array, options?: AbortOptions): Promise<void>;

  /**
   * Ends our sending: resolves when the peer's transport has everything that was sent, or rejects with ERR_CLOSE_TIMEOUT after 5 s
   * (the connection is aborted then), or with the error that ended the connection. Idempotent: later calls give the same
   * promise's outcome.
   */
  close(options?: AbortOptions): Promise<void>;

  /** Ends both directions at once; every pending call rejects with `reason`; the peer sees ERR_CONNECTION_LOST. Idempotent. */
  abort(reason: Error): void;
}
