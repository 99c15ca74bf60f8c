import { KernelError, errorCode, type NodeId, type Random } from '../../kernel/index.ts';
import type { Identity } from '../identity/identity.ts';
import { CheckedProofs } from './checked-proofs.ts';
import {
  MAJOR_VERSION,
  checkHello,
  decodeReject,
  encodeClearFields,
  encodeHello,
  encodeReject,
  preview,
  rejectError,
  type HelloTerms,
} from './hello.ts';
import { PROOF_LENGTH, proveIdentity, type LinkRole } from './identity-proof.ts';
import { handshakeKey, helloKey, welcomeKey } from './key-schedule.ts';
import { CIPHER_TAG_LENGTH, CipherState } from './noise/cipher-state.ts';
import { HandshakeState } from './noise/handshake-state.ts';
import { XX_PSK3 } from './noise/pattern.ts';
import { X25519_LENGTH, keyPairFrom, type KeyPair } from './noise/x25519.ts';
import { SeenHellos } from './seen-hellos.ts';

/** Bytes of Noise message 2: ephemeral key, sealed static key, sealed proof. */
const ANSWER_LENGTH = X25519_LENGTH + X25519_LENGTH + CIPHER_TAG_LENGTH + PROOF_LENGTH + CIPHER_TAG_LENGTH;

const NOTHING = new Uint8Array(0);

/** What a node brings to each of its handshakes; made once. */
export interface HandshakeParty {
  readonly identity: Identity;
  readonly random: Random;
  readonly terms: HelloTerms;
  readonly presharedKey: Uint8Array;
  /** Made for this run of the node; the identity signs it. */
  readonly staticKey: KeyPair;
  readonly proofs: Readonly<Record<LinkRole, Uint8Array>>;
  /** What this run of the node was greeted with. */
  readonly seenHellos: SeenHellos;
  /** Whose proofs of identity it has found right. */
  readonly checkedProofs: CheckedProofs;
}

/** What comes of a handshake. */
export interface HandshakeOutcome {
  readonly peer: NodeId;
  /** Secrets of the records we send and receive. */
  readonly sendSecret: Uint8Array;
  readonly receiveSecret: Uint8Array;
}

/** What the listening side has to say to a hello: go on, or no, and why. */
export type HelloAnswer =
  | { readonly accepted: true; readonly frame: Uint8Array }
  | { readonly accepted: false; readonly frame: Uint8Array; readonly error: KernelError };

/** Makes a party, with a static key of its own. */
export function handshakeParty(options: {
  readonly identity: Identity;
  readonly sharedKey: Uint8Array;
  readonly cipherName: string;
  readonly random: Random;
}): HandshakeParty {
  const { identity, sharedKey, cipherName, random } = options;
  const staticKey = keyPairFrom(random.bytes(X25519_LENGTH));
  return {
    identity,
    random,
    terms: { version: MAJOR_VERSION, cipherName, helloKey: helloKey(sharedKey) },
    presharedKey: handshakeKey(sharedKey),
    staticKey,
    proofs: {
      dialler: proveIdentity(identity, 'dialler', staticKey.publicKey),
      listener: proveIdentity(identity, 'listener', staticKey.publicKey),
    },
    seenHellos: new SeenHellos(),
    checkedProofs: new CheckedProofs(),
  };
}

/** The dialling end: `hello`, then `receiveAnswer`, then `receiveWelcome`. Frames in, frames out; it does no I/O. */
export class DiallerHandshake {
  readonly #party: HandshakeParty;
  readonly #noise: HandshakeState;
  #peer: NodeId = '';

  constructor(party: HandshakeParty) {
    this.#party = party;
    this.#noise = noiseState(party, 'initiator', encodeClearFields(party.terms));
  }

  hello(): Uint8Array {
    return encodeHello(this.#party.terms, this.#noise.writeMessage(NOTHING));
  }

  /**
   * The listener's first frame; yields our last.
   *
   * @throws what a reject in it says, or ERR_HANDSHAKE.
   */
  receiveAnswer(frame: Uint8Array): Uint8Array {
    const reject = decodeReject(frame);
    if (reject !== undefined) throw rejectError(reject, this.#party.terms);
    if (frame.length !== ANSWER_LENGTH) {
      throw new KernelError('ERR_HANDSHAKE', `the peer answered the hello with ${preview(frame)}`);
    }
    const proof = this.#noise.readMessage(frame);
    this.#peer = this.#party.checkedProofs.check(proof, 'listener', this.#noise.remoteStatic);
    return this.#noise.writeMessage(this.#party.proofs.dialler);
  }

  /** Why this node does not talk to the one that answered, if so; known after `receiveAnswer`. */
  get conflict(): KernelError | undefined {
    return conflict(this.#party, this.#peer, this.#noise.remoteStatic);
  }

  /**
   * The listener's second frame, which shows that it has the shared key and our identity.
   *
   * @throws ERR_HANDSHAKE
   */
  receiveWelcome(frame: Uint8Array): HandshakeOutcome {
    const [sendSecret, receiveSecret] = this.#noise.split();
    new CipherState(welcomeKey(receiveSecret)).decrypt(NOTHING, frame);
    return { peer: this.#peer, sendSecret, receiveSecret };
  }
}

/** The listening end: `receiveHello`, then `receiveProof`. Frames in, frames out; it does no I/O. */
export class ListenerHandshake {
  readonly #party: HandshakeParty;
  #noise: HandshakeState | undefined;

  constructor(party: HandshakeParty) {
    this.#party = party;
  }

  /** The dialler's first frame; yields our answer, or a reject with the reason. */
  receiveHello(frame: Uint8Array): HelloAnswer {
    const { terms, proofs, seenHellos } = this.#party;
    try {
      const { clearFields, firstMessage, tag } = checkHello(frame, terms);
      if (!seenHellos.add(tag)) throw new KernelError('ERR_HANDSHAKE', 'the hello came before: somebody replays it');
      this.#noise = noiseState(this.#party, 'responder', clearFields);
      this.#noise.readMessage(firstMessage);
      return { accepted: true, frame: this.#noise.writeMessage(proofs.listener) };
    } catch (error) {
      const code = errorCode(error);
      if (code === undefined) throw error;
      return { accepted: false, frame: encodeReject(code, terms), error: error as KernelError };
    }
  }

  /**
   * The dialler's last frame; yields our welcome, and what came of it all. `conflict` is why this node does not talk to the dialler, if so;
   * the welcome goes out all the same, so that the dialler learns whom it reached.
   *
   * @throws ERR_HANDSHAKE
   */
  receiveProof(frame: Uint8Array): {
    readonly welcome: Uint8Array;
    readonly outcome: HandshakeOutcome;
    readonly conflict: KernelError | undefined;
  } {
    if (this.#noise === undefined) throw new Error('the hello comes before the proof');
    const proof = this.#noise.readMessage(frame);
    const peer = this.#party.checkedProofs.check(proof, 'dialler', this.#noise.remoteStatic);
    const [receiveSecret, sendSecret] = this.#noise.split();
    return {
      welcome: new CipherState(welcomeKey(sendSecret)).encrypt(NOTHING, NOTHING),
      outcome: { peer, sendSecret, receiveSecret },
      conflict: conflict(this.#party, peer, this.#noise.remoteStatic),
    };
  }
}

function noiseState(party: HandshakeParty, role: 'initiator' | 'responder', prologue: Uint8Array): HandshakeState {
  return new HandshakeState({
    pattern: XX_PSK3,
    role,
    prologue,
    ephemeralKey: keyPairFrom(party.random.bytes(X25519_LENGTH)),
    staticKey: party.staticKey,
    presharedKey: party.presharedKey,
  });
}

/** One identity is one running node: the same static key is ourselves, another under our identity is a copy of our folder. */
function conflict(party: HandshakeParty, peer: NodeId, remoteStatic: Uint8Array): KernelError | undefined {
  if (Buffer.compare(remoteStatic, party.staticKey.publicKey) === 0) {
    return new KernelError('ERR_SELF', 'the address leads to this node itself');
  }
  if (peer === party.identity.id) {
    return new KernelError(
      'ERR_IDENTITY_IN_USE',
      `another running node has this node's identity ${peer}: one folder was copied from the other; ` +
        'remove .peerhold/identity.pem from the copy and start it again',
    );
  }
  return undefined;
}
