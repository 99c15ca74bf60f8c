import { identityFrom, isSignedBy, nodeIdOf, privateKeyFromSeed } from '../../../src/node/identity/identity.ts';
import { fromHex, toHex } from '../../support/hex.ts';

describe('an identity', () => {
  // RFC 8032, section 7.1, test 1.
  const identity = identityFrom(
    privateKeyFromSeed(fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')),
  );

  test('signs as RFC 8032 says', () => {
    expect(toHex(identity.publicKey)).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
    expect(toHex(identity.sign(new Uint8Array(0)))).toBe(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    );
  });

  test('is named by the first half of the hash of its public key', () => {
    expect(identity.id).toBe('21fe31dfa154a261626bf854046fd227');
    expect(nodeIdOf(identity.publicKey)).toBe(identity.id);
  });

  test('signs one text and no other', () => {
    const signature = identity.sign(fromHex('0102'));
    expect(isSignedBy(identity.publicKey, fromHex('0102'), signature)).toBe(true);
    expect(isSignedBy(identity.publicKey, fromHex('0103'), signature)).toBe(false);
  });

  test('shows nothing of its private key when it is printed', () => {
    expect(JSON.stringify(identity)).not.toContain('9d61');
    expect(Object.keys(identity).sort()).toEqual(['id', 'publicKey', 'sign']);
  });
});
