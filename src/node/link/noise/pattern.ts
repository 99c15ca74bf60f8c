/** What one step of a handshake message does; Noise, section 7.1. */
export type HandshakeToken = 'e' | 's' | 'ee' | 'es' | 'se' | 'psk';

/** A handshake as data: the tokens of each message, the initiator's first. */
export interface HandshakePattern {
  /** As it stands in the protocol's name, modifiers included. */
  readonly name: string;
  readonly messages: readonly (readonly HandshakeToken[])[];
}

/**
 * Both ends prove a static key that is sent encrypted, and a key that both hold already (Noise, sections 7.5 and 9.4). The shared
 * key comes last, so that the responder's part costs nobody a guess at it, and the initiator's identity is shown to holders only.
 */
export const XX_PSK3: HandshakePattern = {
  name: 'XXpsk3',
  messages: [['e'], ['e', 'ee', 's', 'es'], ['s', 'se', 'psk']],
};
