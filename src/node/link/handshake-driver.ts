import { KernelError, errorCode, type Address, type Connection, type ErrorCode } from '../../kernel/index.ts';
import { DiallerHandshake, ListenerHandshake, type HandshakeOutcome, type HandshakeParty } from './handshake.ts';

/** A connection whose handshake is done. */
export interface Handshaken extends HandshakeOutcome {
  /** What is left of the connection's frames: the records. */
  readonly frames: AsyncIterator<Uint8Array>;
}

/** Codes with which a transport says that what came was not its own. */
const FOREIGN_BYTES: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode>(['ERR_PACKET', 'ERR_FRAME_TOO_LARGE']);

/**
 * Goes through a handshake as the one who dialled. The caller bounds the time and ends the connection where this fails.
 *
 * @throws a handshake code; ERR_DIAL_FAILED where the peer ended the connection instead; ERR_TRANSPORT_DIFFERS where its first bytes are
 * none of this transport.
 */
export async function handshakeAsDialler(connection: Connection, party: HandshakeParty): Promise<Handshaken> {
  const { remote } = connection;
  const frames = connection[Symbol.asyncIterator]();
  const handshake = new DiallerHandshake(party);
  let conflict: KernelError | undefined;
  try {
    await connection.send(handshake.hello());
    const answer = await receive(frames);
    const proof = handshake.receiveAnswer(answer);
    // Both ends are to know of a conflict: the proof still goes, and the other end finds out by itself.
    conflict = handshake.conflict;
    await connection.send(proof);
    const outcome = handshake.receiveWelcome(await receive(frames));
    if (conflict === undefined) return { ...outcome, frames };
  } catch (error) {
    if (conflict === undefined) throw dialError(remote, error);
  }
  throw dialError(remote, conflict);
}

/**
 * Goes through a handshake as the one who was dialled; calls `onHello` when the dialler has shown that it holds the shared key. The caller
 * bounds the time and ends the connection where this throws. A refusal that the peer was told of is a result: the connection is closed already.
 *
 * @throws a handshake code, or what the connection failed with.
 */
export async function handshakeAsListener(
  connection: Connection,
  party: HandshakeParty,
  onHello: () => void,
): Promise<Handshaken | { readonly refusal: KernelError }> {
  const frames = connection[Symbol.asyncIterator]();
  const handshake = new ListenerHandshake(party);
  const answer = handshake.receiveHello(await receive(frames));
  if (!answer.accepted) return refuse(connection, answer.frame, answer.error);
  onHello();
  await connection.send(answer.frame);
  const { welcome, outcome, conflict } = handshake.receiveProof(await receive(frames));
  if (conflict !== undefined) return refuse(connection, welcome, conflict);
  await connection.send(welcome);
  return { ...outcome, frames };
}

async function receive(frames: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const result = await frames.next();
  if (result.done === true) throw new KernelError('ERR_CONNECTION_LOST', 'the peer closed during the handshake');
  return result.value;
}

/** Sends the last frame and closes; that the peer may not stay to hear it changes nothing. */
async function refuse(
  connection: Connection,
  lastFrame: Uint8Array,
  refusal: KernelError,
): Promise<{ readonly refusal: KernelError }> {
  await Promise.allSettled([connection.send(lastFrame), connection.close()]);
  return { refusal };
}

function dialError(remote: Address, thrown: unknown): unknown {
  const code = errorCode(thrown);
  if (code === 'ERR_CONNECTION_LOST') {
    const message =
      `${remote} took the connection and ended it during the handshake: ` +
      'it shuts down, has too many handshakes at once, or is no node of this kind';
    return new KernelError('ERR_DIAL_FAILED', message, { cause: thrown });
  }
  if (FOREIGN_BYTES.has(code)) {
    const message = `nothing at ${remote} speaks this node's transport, but something answered there`;
    return new KernelError('ERR_TRANSPORT_DIFFERS', `${message}: ${textOf(thrown)}`, { cause: thrown });
  }
  if (code === undefined) return thrown;
  return new KernelError(code, `${remote}: ${textOf(thrown)}`, { cause: thrown });
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
