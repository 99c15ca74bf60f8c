import {
  DiallerHandshake,
  ListenerHandshake,
  handshakeParty,
  type HandshakeParty,
} from '../../../src/node/link/handshake.ts';
import { checkProof, proveIdentity } from '../../../src/node/link/identity-proof.ts';
import { keyPairFrom, sharedSecret } from '../../../src/node/link/noise/x25519.ts';
import { seededRandom } from '../../../src/kit/index.ts';
import { fromHex, toHex } from '../../support/hex.ts';
import { thrownCode } from '../../support/thrown-code.ts';
import { identityOf, sharedKeyOf } from './link-world.ts';

function party(number: number, terms: Partial<Parameters<typeof handshakeParty>[0]> = {}): HandshakeParty {
  return handshakeParty({
    identity: identityOf(number),
    sharedKey: sharedKeyOf(0),
    cipherName: 'aes-gcm',
    random: seededRandom(100 + number),
    ...terms,
  });
}

type Tap = (frame: Uint8Array, number: number) => Uint8Array;

/** Runs a handshake; each frame goes through `tap` on its way: 0 hello, 1 answer, 2 proof, 3 welcome. */
function run(dialling: HandshakeParty, listening: HandshakeParty, tap: Tap = (frame) => frame) {
  const dialler = new DiallerHandshake(dialling);
  const listener = new ListenerHandshake(listening);
  const answer = listener.receiveHello(tap(dialler.hello(), 0));
  const proof = dialler.receiveAnswer(tap(answer.frame, 1));
  const { welcome, outcome, conflict } = listener.receiveProof(tap(proof, 2));
  return {
    dialled: dialler.receiveWelcome(tap(welcome, 3)),
    accepted: outcome,
    conflicts: [dialler.conflict, conflict],
  };
}

describe('a handshake', () => {
  test('tells each end who the other is, and gives both the same secrets, one for each direction', () => {
    const { dialled, accepted, conflicts } = run(party(1), party(2));
    expect(dialled.peer).toBe(identityOf(2).id);
    expect(accepted.peer).toBe(identityOf(1).id);
    expect(toHex(dialled.sendSecret)).toBe(toHex(accepted.receiveSecret));
    expect(toHex(dialled.receiveSecret)).toBe(toHex(accepted.sendSecret));
    expect(toHex(dialled.sendSecret)).not.toBe(toHex(dialled.receiveSecret));
    expect(conflicts).toEqual([undefined, undefined]);
  });

  test('gives other secrets each time', () => {
    const [one, two] = [party(1), party(2)];
    expect(toHex(run(one, two).dialled.sendSecret)).not.toBe(toHex(run(one, two).dialled.sendSecret));
  });

  test('shows neither identity on the wire', () => {
    const [one, two] = [party(1), party(2)];
    let wire = '';
    run(one, two, (frame) => {
      wire += toHex(frame);
      return frame;
    });
    for (const { identity, staticKey } of [one, two]) {
      expect(wire).not.toContain(toHex(identity.publicKey));
      expect(wire).not.toContain(toHex(staticKey.publicKey));
    }
  });

  test('fails whichever byte of whichever frame is changed', () => {
    const [one, two] = [party(1), party(2)];
    const lengths: number[] = [];
    run(one, two, (frame, number) => {
      lengths[number] = frame.length;
      return frame;
    });
    expect(lengths).toEqual([82, 192, 160, 16]);
    for (const [changedFrame, length] of lengths.entries()) {
      for (let index = 0; index < length; index++) {
        const changed = () =>
          run(one, two, (frame, number) => {
            if (number !== changedFrame) return frame;
            const copy = Uint8Array.from(frame);
            copy[index]! ^= 0x01;
            return copy;
          });
        expect(thrownCode(changed)).toMatch(/^ERR_(HANDSHAKE|VERSION_DIFFERS|KEY_DIFFERS)$/);
      }
    }
  });

  test('fails whichever frame is cut short or lengthened', () => {
    const [one, two] = [party(1), party(2)];
    for (let number = 0; number < 4; number++) {
      for (const part of [0, 0.1, 0.5, 0.99, 2]) {
        const resized = (frame: Uint8Array) => Buffer.concat([frame, frame]).subarray(0, frame.length * part);
        const tap = (frame: Uint8Array, each: number) => (each === number ? resized(frame) : frame);
        expect(thrownCode(() => run(one, two, tap))).toBe('ERR_HANDSHAKE');
      }
    }
  });

  test('fails where a frame of an earlier one is replayed', () => {
    const [one, two] = [party(1), party(2)];
    const earlier: Uint8Array[] = [];
    run(one, two, (frame) => {
      earlier.push(frame);
      return frame;
    });
    for (const replayed of [0, 1, 2, 3]) {
      const again = () => run(one, two, (frame, number) => (number === replayed ? earlier[number]! : frame));
      expect(thrownCode(again)).toBe('ERR_HANDSHAKE');
    }
  });

  test('fails at the proof, with nothing learnt of the dialler, where the listener only pretends to have the key', () => {
    const dialler = new DiallerHandshake(party(1));
    // It takes any hello, and answers it as well as anybody can without the key.
    const impostor = { ...party(2), presharedKey: new Uint8Array(32) };
    const listener = new ListenerHandshake(impostor);
    const answer = listener.receiveHello(dialler.hello());
    const proof = dialler.receiveAnswer(answer.frame);
    expect(thrownCode(() => listener.receiveProof(proof))).toBe('ERR_HANDSHAKE');
    expect(thrownCode(() => dialler.receiveWelcome(new Uint8Array(16)))).toBe('ERR_HANDSHAKE');
  });

  test('tells both ends that they are one node', () => {
    const self = party(1);
    expect(run(self, self).conflicts).toMatchObject([{ code: 'ERR_SELF' }, { code: 'ERR_SELF' }]);
  });

  test('tells both ends that they are two nodes with one identity', () => {
    const copy = party(2, { identity: identityOf(1) });
    expect(run(party(1), copy).conflicts).toMatchObject([
      { code: 'ERR_IDENTITY_IN_USE' },
      { code: 'ERR_IDENTITY_IN_USE' },
    ]);
  });

  test('refuses a peer that proves another key than it uses', () => {
    const honest = party(1);
    const thief = { ...party(3), proofs: honest.proofs };
    expect(thrownCode(() => run(thief, party(2)))).toBe('ERR_HANDSHAKE');
    expect(thrownCode(() => run(party(2), thief))).toBe('ERR_HANDSHAKE');
  });
});

describe('the proof of an identity', () => {
  const identity = identityOf(1);
  const staticKey = new Uint8Array(32).fill(3);
  const proof = proveIdentity(identity, 'dialler', staticKey);

  test('names the node for its own role and key only', () => {
    expect(checkProof(proof, 'dialler', staticKey)).toBe(identity.id);
    expect(thrownCode(() => checkProof(proof, 'listener', staticKey))).toBe('ERR_HANDSHAKE');
    const otherKey = new Uint8Array(32).fill(4);
    expect(thrownCode(() => checkProof(proof, 'dialler', otherKey))).toBe('ERR_HANDSHAKE');
  });

  test('is refused at every other length', () => {
    for (const wrong of [proof.subarray(1), proof.subarray(0, 20), Buffer.concat([proof, proof]), new Uint8Array(0)]) {
      expect(thrownCode(() => checkProof(wrong, 'dialler', staticKey))).toBe('ERR_HANDSHAKE');
    }
  });
});

describe('X25519', () => {
  // The points of low order: any secret times one of them is zero. From "May the Fourth Be With You" (Cremers, Jackson, 2019).
  test.each([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ])('refuses the public key %s, which leaves no secret', (point) => {
    const own = keyPairFrom(seededRandom(1).bytes(32));
    expect(thrownCode(() => sharedSecret(own, fromHex(point)))).toBe('ERR_HANDSHAKE');
  });
});
