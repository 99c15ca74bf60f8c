import { readFileSync } from 'node:fs';
import { CipherState } from '../../../../src/node/link/noise/cipher-state.ts';
import { HandshakeState, type HandshakeRole } from '../../../../src/node/link/noise/handshake-state.ts';
import { XX_PSK3, type HandshakePattern } from '../../../../src/node/link/noise/pattern.ts';
import { keyPairFrom } from '../../../../src/node/link/noise/x25519.ts';
import { fromHex, toHex } from '../../../support/hex.ts';

interface Vector {
  readonly from: string;
  readonly protocol_name: string;
  readonly init_prologue: string;
  readonly init_static?: string;
  readonly init_ephemeral: string;
  readonly init_psks?: readonly string[];
  readonly resp_prologue: string;
  readonly resp_static?: string;
  readonly resp_ephemeral: string;
  readonly resp_psks?: readonly string[];
  readonly handshake_hash?: string;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
}

const patterns: readonly HandshakePattern[] = [
  XX_PSK3,
  { name: 'XX', messages: [['e'], ['e', 'ee', 's', 'es'], ['s', 'se']] },
  {
    name: 'NNpsk0',
    messages: [
      ['psk', 'e'],
      ['e', 'ee'],
    ],
  },
];

const file = new URL('../../../fixtures/noise-vectors.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { readonly vectors: readonly Vector[] };

function stateOf(vector: Vector, role: HandshakeRole): HandshakeState {
  const own = role === 'initiator' ? 'init' : 'resp';
  const secret = vector[`${own}_static`];
  const psk = vector[`${own}_psks`]?.[0];
  return new HandshakeState({
    pattern: patterns.find(({ name }) => vector.protocol_name === `Noise_${name}_25519_AESGCM_SHA256`)!,
    role,
    prologue: fromHex(vector[`${own}_prologue`]),
    ephemeralKey: keyPairFrom(fromHex(vector[`${own}_ephemeral`])),
    staticKey: secret === undefined ? undefined : keyPairFrom(fromHex(secret)),
    presharedKey: psk === undefined ? undefined : fromHex(psk),
  });
}

describe('the public Noise vectors', () => {
  test('cover every pattern listed here', () => {
    const covered = new Set(vectors.map(({ protocol_name }) => protocol_name.split('_')[1]));
    expect([...covered].sort()).toEqual(patterns.map(({ name }) => name).sort());
  });

  for (const vector of vectors) {
    test(`${vector.protocol_name} of ${vector.from}: both ends write and read each message of it`, () => {
      const initiator = stateOf(vector, 'initiator');
      const responder = stateOf(vector, 'responder');
      const empty = new Uint8Array(0);
      let ciphers: (readonly [CipherState, CipherState])[] = [];
      for (const [index, { payload, ciphertext }] of vector.messages.entries()) {
        const [writer, reader] = index % 2 === 0 ? [initiator, responder] : [responder, initiator];
        if (!writer.complete) {
          expect(toHex(writer.writeMessage(fromHex(payload)))).toBe(ciphertext);
          expect(toHex(reader.readMessage(fromHex(ciphertext)))).toBe(payload);
          continue;
        }
        if (ciphers.length === 0) {
          ciphers = initiator.split().map((key) => [new CipherState(key), new CipherState(key)] as const);
          expect(responder.split().map(toHex)).toEqual(initiator.split().map(toHex));
        }
        const [sealing, opening] = ciphers[index % 2]!;
        expect(toHex(sealing.encrypt(empty, fromHex(payload)))).toBe(ciphertext);
        expect(toHex(opening.decrypt(empty, fromHex(ciphertext)))).toBe(payload);
      }
      expect(toHex(responder.hash)).toBe(toHex(initiator.hash));
      if (vector.handshake_hash !== undefined) expect(toHex(initiator.hash)).toBe(vector.handshake_hash);
      expect(ciphers).toHaveLength(2);
    });
  }
});
