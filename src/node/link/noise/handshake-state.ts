import { KernelError } from '../../../kernel/index.ts';
import type { HandshakePattern, HandshakeToken } from './pattern.ts';
import { SymmetricState } from './symmetric-state.ts';
import { X25519_LENGTH, sharedSecret, type KeyPair } from './x25519.ts';

export type HandshakeRole = 'initiator' | 'responder';

export interface HandshakeStateOptions {
  readonly pattern: HandshakePattern;
  readonly role: HandshakeRole;
  /** What both ends must already agree on; a difference makes the first encrypted part fail. */
  readonly prologue: Uint8Array;
  /** A fresh key pair, for this handshake only. */
  readonly ephemeralKey: KeyPair;
  /** Wanted by patterns in which this side sends `s`. */
  readonly staticKey?: KeyPair | undefined;
  /** 32 bytes; wanted by patterns with `psk`. */
  readonly presharedKey?: Uint8Array | undefined;
}

/**
 * One end of a Noise handshake (revision 34, section 5.3) with 25519, AESGCM and SHA256. Messages go in and come out as bytes, in turns. A
 * message that fails makes the state useless: end the connection.
 */
export class HandshakeState {
  readonly #options: HandshakeStateOptions;
  readonly #symmetric: SymmetricState;
  /** Patterns with a preshared key mix every ephemeral key into the cipher key too (section 9.2). */
  readonly #mixesEphemerals: boolean;
  #messages = 0;
  #remoteEphemeral: Uint8Array | undefined;
  #remoteStatic: Uint8Array | undefined;

  constructor(options: HandshakeStateOptions) {
    this.#options = options;
    this.#symmetric = new SymmetricState(`Noise_${options.pattern.name}_25519_AESGCM_SHA256`);
    this.#symmetric.mixHash(options.prologue);
    this.#mixesEphemerals = options.pattern.messages.some((tokens) => tokens.includes('psk'));
  }

  /** Whether all messages went. */
  get complete(): boolean {
    return this.#messages === this.#options.pattern.messages.length;
  }

  /** The peer's static key; proved to be its own once the message after the one that brought it decrypts. */
  get remoteStatic(): Uint8Array {
    return present(this.#remoteStatic, 'remote static key');
  }

  /** Hash of the transcript (section 11.2): the same at both ends where, and only where, they saw the same handshake. */
  get hash(): Uint8Array {
    return this.#symmetric.hash;
  }

  /** Our next message, carrying the payload as well protected as the pattern allows by now. */
  writeMessage(payload: Uint8Array): Uint8Array {
    const parts = this.#takeTokens('write').map((token) => this.#write(token));
    return Buffer.concat([...parts, this.#symmetric.encryptAndHash(payload)]);
  }

  /**
   * The payload of the peer's next message.
   *
   * @throws ERR_HANDSHAKE where it is malformed, forged, replayed or made with another key.
   */
  readMessage(message: Uint8Array): Uint8Array {
    let rest = message;
    for (const token of this.#takeTokens('read')) rest = this.#read(token, rest);
    return this.#symmetric.decryptAndHash(rest);
  }

  /** The two keys that come of a complete handshake. */
  split(): readonly [initiator: Uint8Array, responder: Uint8Array] {
    if (!this.complete) throw new Error('the handshake is not complete');
    return this.#symmetric.split();
  }

  #takeTokens(action: 'write' | 'read'): readonly HandshakeToken[] {
    const tokens = this.#options.pattern.messages[this.#messages];
    const writer = this.#messages % 2 === 0 ? 'initiator' : 'responder';
    if (tokens === undefined || (action === 'write') !== (writer === this.#options.role)) {
      throw new Error(`it is not the ${this.#options.role}'s turn to ${action} message ${this.#messages + 1}`);
    }
    this.#messages++;
    return tokens;
  }

  #write(token: HandshakeToken): Uint8Array {
    switch (token) {
      case 'e': {
        const { publicKey } = this.#options.ephemeralKey;
        this.#mixEphemeral(publicKey);
        return publicKey;
      }
      case 's':
        return this.#symmetric.encryptAndHash(this.#staticKey.publicKey);
      default:
        this.#mixSecret(token);
        return new Uint8Array(0);
    }
  }

  #read(token: HandshakeToken, message: Uint8Array): Uint8Array {
    if (token !== 'e' && token !== 's') {
      this.#mixSecret(token);
      return message;
    }
    const length = token === 'e' ? X25519_LENGTH : X25519_LENGTH + this.#symmetric.overhead;
    if (message.length < length) throw new KernelError('ERR_HANDSHAKE', 'a handshake message is too short');
    const key = message.subarray(0, length);
    if (token === 'e') {
      this.#remoteEphemeral = key;
      this.#mixEphemeral(key);
    } else {
      this.#remoteStatic = this.#symmetric.decryptAndHash(key);
    }
    return message.subarray(length);
  }

  #mixEphemeral(publicKey: Uint8Array): void {
    this.#symmetric.mixHash(publicKey);
    if (this.#mixesEphemerals) this.#symmetric.mixKey(publicKey);
  }

  /** `es` is the initiator's ephemeral with the responder's static key, whoever computes it. */
  #mixSecret(token: Exclude<HandshakeToken, 'e' | 's'>): void {
    if (token === 'psk') {
      this.#symmetric.mixKeyAndHash(present(this.#options.presharedKey, 'preshared key'));
      return;
    }
    const [initiators, responders] = token;
    const [own, remote] = this.#options.role === 'initiator' ? [initiators, responders] : [responders, initiators];
    const ownKey = own === 'e' ? this.#options.ephemeralKey : this.#staticKey;
    const remoteKey = remote === 'e' ? present(this.#remoteEphemeral, 'remote ephemeral key') : this.remoteStatic;
    this.#symmetric.mixKey(sharedSecret(ownKey, remoteKey));
  }

  get #staticKey(): KeyPair {
    return present(this.#options.staticKey, 'static key');
  }
}

/** A value that the pattern promises to be there; where it is not, the pattern or its use is wrong, not the peer. */
function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the pattern wants a ${what}, and there is none`);
  return value;
}
