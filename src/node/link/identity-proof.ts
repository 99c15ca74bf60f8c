import { KernelError, type NodeId } from '../../kernel/index.ts';
import { ED25519_KEY_LENGTH, SIGNATURE_LENGTH, isSignedBy, nodeIdOf, type Identity } from '../identity/identity.ts';

/** Which end of a connection; it stands in the signed text, so that neither end's proof serves the other. */
export type LinkRole = 'dialler' | 'listener';

/** Bytes of a proof: the Ed25519 public key, then its signature. */
export const PROOF_LENGTH = ED25519_KEY_LENGTH + SIGNATURE_LENGTH;

/** Says, as this identity, that whoever holds the X25519 static key speaks for it in this role. */
export function proveIdentity(identity: Identity, role: LinkRole, staticKey: Uint8Array): Uint8Array {
  return Buffer.concat([identity.publicKey, identity.sign(signedText(role, staticKey))]);
}

/**
 * The node that the proof names.
 *
 * @throws ERR_HANDSHAKE where it is malformed, or was made for another key or role.
 */
export function checkProof(proof: Uint8Array, role: LinkRole, staticKey: Uint8Array): NodeId {
  const publicKey = proof.subarray(0, ED25519_KEY_LENGTH);
  const signature = proof.subarray(ED25519_KEY_LENGTH);
  if (proof.length !== PROOF_LENGTH || !isSignedBy(publicKey, signedText(role, staticKey), signature)) {
    throw new KernelError('ERR_HANDSHAKE', 'the peer did not prove who it is');
  }
  return nodeIdOf(publicKey);
}

function signedText(role: LinkRole, staticKey: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`peerhold identity ${role}\0`, 'ascii'), staticKey]);
}
