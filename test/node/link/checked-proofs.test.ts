import { CheckedProofs } from '../../../src/node/link/checked-proofs.ts';
import { proveIdentity, type LinkRole } from '../../../src/node/link/identity-proof.ts';
import { thrownCode } from '../../support/thrown-code.ts';
import { identityOf } from './link-world.ts';

const identity = identityOf(1);
const keyOf = (number: number) => new Uint8Array(32).fill(number);
const proofOf = (number: number, role: LinkRole = 'dialler') => proveIdentity(identity, role, keyOf(number));

describe('proofs that were checked', () => {
  test('name the same node each time', () => {
    const checked = new CheckedProofs();
    for (let time = 0; time < 3; time++) expect(checked.check(proofOf(1), 'dialler', keyOf(1))).toBe(identity.id);
    expect(checked.check(proofOf(1, 'listener'), 'listener', keyOf(1))).toBe(identity.id);
    expect(checked.size).toBe(2);
  });

  test('stand for no other role, key, signature or identity', () => {
    const checked = new CheckedProofs();
    const proof = proofOf(1);
    checked.check(proof, 'dialler', keyOf(1));
    const changed = (at: number) => proof.map((byte, index) => (index === at ? byte ^ 1 : byte));
    expect(thrownCode(() => checked.check(proof, 'listener', keyOf(1)))).toBe('ERR_HANDSHAKE');
    expect(thrownCode(() => checked.check(proof, 'dialler', keyOf(2)))).toBe('ERR_HANDSHAKE');
    for (const at of [0, 31, 32, 95]) {
      expect(thrownCode(() => checked.check(changed(at), 'dialler', keyOf(1)))).toBe('ERR_HANDSHAKE');
    }
    expect(checked.size).toBe(1);
  });

  test('are forgotten beyond the limit, the oldest first, and checked anew', () => {
    const checked = new CheckedProofs(2);
    for (const number of [1, 2, 3, 1]) {
      expect(checked.check(proofOf(number), 'dialler', keyOf(number))).toBe(identity.id);
      expect(checked.size).toBeLessThanOrEqual(2);
    }
  });
});
