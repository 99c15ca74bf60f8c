/** Every code a KernelError can carry, with what it means. `docs/errors.md` explains each; a test keeps the two equal. */
export const ERROR_CODES = {
  // Configuration and start
  ERR_CONFIG: 'The config or a profile in it is wrong; the message holds the path, the value and what is allowed.',
  ERR_PLUGIN: 'The file to be tried cannot be loaded, or holds no plugin.',
  ERR_NOT_INSTALLED: 'A package that only this needs is not installed; the message names it.',
  ERR_EMULATOR: 'The link emulator cannot be used here, or failed; the message says what is needed.',
  ERR_KEY_FORMAT: 'The shared key is not 32 bytes in base64url.',
  ERR_KEY_UNREADABLE: 'The file with the shared key, or with the identity, cannot be read or made.',
  ERR_FOLDER_IN_USE: 'Another running node uses this folder.',
  ERR_FOLDER: 'The folder cannot be used: it does not exist, is no directory, or may not be written.',
  ERR_INDEX_DAMAGED: 'The index on disk cannot be read.',
  ERR_USAGE: 'A command or an argument is not understood.',
  ERR_NOT_RUNNING: 'No running node answers for this folder.',
  ERR_INTERNAL: 'The program made a mistake: something failed that no other code stands for. Please report it.',
  // Transport
  ERR_ADDRESS: 'The text is no address of this transport.',
  ERR_ADDRESS_IN_USE: 'Something else listens on this address.',
  ERR_LISTEN_FAILED: 'The transport cannot listen on this address.',
  ERR_ALREADY_LISTENING: 'This transport listens already.',
  ERR_DIAL_FAILED: 'Nobody answers at the address, or it cannot be reached.',
  ERR_TRANSPORT_DIFFERS: 'Something answers at the address, but it does not speak this transport.',
  ERR_CONNECTION_LOST: 'The connection ended without its closing mark.',
  ERR_CLOSED: 'The connection, listener, transport or node was closed by this side.',
  ERR_CLOSE_TIMEOUT: 'The peer did not take everything within the time allowed for closing.',
  ERR_FRAME_TOO_LARGE: 'A frame is larger than the transport carries.',
  ERR_PACKET: 'A packet or frame of the transport is malformed.',
  ERR_LIMIT: 'A limit on connections, handshakes, messages or memory was reached.',
  ERR_ABORTED: 'The caller gave up.',
  // Session
  ERR_HANDSHAKE_TIMEOUT: 'The peer did not finish the handshake in time.',
  ERR_HANDSHAKE: 'The handshake is malformed, forged or replayed.',
  ERR_VERSION_DIFFERS: 'The peer speaks another major version of the protocol.',
  ERR_KEY_DIFFERS: 'The peer has another shared key.',
  ERR_CIPHER_DIFFERS: 'The peer uses another cipher.',
  ERR_CIPHER_REJECTED: 'A record is forged, replayed, reordered, truncated or damaged.',
  ERR_PLAINTEXT_REFUSED: 'Without encryption only loopback addresses are allowed.',
  ERR_SELF: 'The address leads to this node itself.',
  ERR_IDENTITY_IN_USE: 'Another running node has the same identity: its folder was copied.',
  // Messages and overlay
  ERR_MESSAGE: 'A message of the peer is malformed or exceeds a limit.',
  ERR_PEER_MISMATCH: 'The peer speaks for a node that it is not.',
  ERR_FULL: 'The peer has as many direct connections as it allows.',
  ERR_DUPLICATE_CONNECTION: 'Another connection between the same two nodes stays instead of this one.',
  ERR_PEER_LEFT: 'The peer said goodbye.',
  ERR_PEER_DEAD: 'The peer was silent for too long.',
  ERR_NO_SUCH_PEER: 'No such node is known.',
  // Files
  ERR_NO_SUCH_FILE: 'No file of this name is known, or nobody holds it now.',
  ERR_NO_SUCH_VERSION: 'No replaced version has this number.',
  ERR_NAME: 'The name is not allowed: empty, absolute, out of the folder, reserved, too long or too deep.',
  ERR_NAME_NOT_STORABLE: 'The file system here cannot hold a file of this name.',
  ERR_LINK_REFUSED: 'The path leads through a symbolic link; links are never followed.',
  ERR_NOT_FOUND: 'The file is not there.',
  ERR_EXISTS: 'Something of this name is there already.',
  ERR_ACCESS_DENIED: 'The file system does not permit it.',
  ERR_DISK_FULL: 'The disk is full.',
  ERR_DISK: 'The disk failed in another way; the cause is attached.',
  ERR_FILE_CHANGED: 'The file changed while it was read.',
  // Transfers
  ERR_MANIFEST: 'The manifest is malformed, exceeds a limit, or is not that of the file.',
  ERR_CHECKSUM: 'The received content does not have the promised checksum.',
  ERR_TRANSFER_STALLED: 'The peer sent nothing for too long.',
  ERR_TRANSFER_REFUSED: 'The peer refused the transfer.',
  ERR_NO_SOURCE: 'No holder of the file could deliver it.',
  ERR_QUOTA: 'The space for files kept for others is used up.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The one error class of the project. Match on `code`, never on class or text: it may come from another copy of the module. */
export class KernelError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KernelError';
    this.code = code;
  }
}

/** The code of an error of ours, whichever copy of the module made it; `undefined` for anything else. */
export function errorCode(error: unknown): ErrorCode | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : undefined;
}

/** An Error for whatever was thrown. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
