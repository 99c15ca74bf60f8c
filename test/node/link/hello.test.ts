import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { errorCode, type ErrorCode } from '../../../src/kernel/index.ts';
import {
  FIRST_MESSAGE_LENGTH,
  MAJOR_VERSION,
  REJECT_LENGTH,
  checkHello,
  decodeReject,
  encodeHello,
  encodeReject,
  isCipherName,
  rejectError,
  type HelloTerms,
} from '../../../src/node/link/hello.ts';
import { helloKey } from '../../../src/node/link/key-schedule.ts';
import { fromHex, toHex } from '../../support/hex.ts';

const sharedKey = new Uint8Array(32).map((_, index) => index);
const terms: HelloTerms = { version: 1, cipherName: 'aes-gcm', helloKey: helloKey(sharedKey) };
const firstMessage = new Uint8Array(FIRST_MESSAGE_LENGTH).fill(0xaa);
const hello = encodeHello(terms, firstMessage);

function codeOf(frame: Uint8Array, ours: HelloTerms = terms): ErrorCode | undefined {
  try {
    checkHello(frame, ours);
    return undefined;
  } catch (error) {
    return errorCode(error);
  }
}

describe('a hello', () => {
  test('is what docs/security.md shows', () => {
    expect(MAJOR_VERSION).toBe(1);
    expect(toHex(hello)).toBe(toHex(documented('hello')));
  });

  test('yields its clear fields and Noise message 1', () => {
    const { clearFields, firstMessage: found } = checkHello(hello, terms);
    expect(toHex(clearFields)).toBe('70656572686f6c640001076165732d67636d');
    expect(found).toEqual(firstMessage);
  });

  test('is checked for magic, version, tag and cipher, in that order', () => {
    const other: HelloTerms = { version: 2, cipherName: 'none', helloKey: helloKey(new Uint8Array(32)) };
    const frame = encodeHello(other, firstMessage);
    const foreign = Uint8Array.from(frame);
    foreign[0] = 0x50;
    expect(codeOf(foreign)).toBe('ERR_HANDSHAKE');
    expect(codeOf(frame)).toBe('ERR_VERSION_DIFFERS');
    expect(codeOf(frame, { ...terms, version: 2 })).toBe('ERR_KEY_DIFFERS');
    expect(codeOf(frame, { ...terms, version: 2, helloKey: other.helloKey })).toBe('ERR_CIPHER_DIFFERS');
    expect(codeOf(frame, other)).toBeUndefined();
  });

  test('is refused whichever byte of it is changed, and to whatever', () => {
    fc.assert(
      fc.property(fc.nat(hello.length - 1), fc.integer({ min: 1, max: 255 }), (index, flip) => {
        const changed = Uint8Array.from(hello);
        changed[index]! ^= flip;
        expect(codeOf(changed)).toMatch(/^ERR_(HANDSHAKE|VERSION_DIFFERS|KEY_DIFFERS)$/);
      }),
    );
  });

  test('is refused at every length but its own', () => {
    for (let length = 0; length < hello.length; length++) expect(codeOf(hello.slice(0, length))).toBe('ERR_HANDSHAKE');
    expect(codeOf(Buffer.concat([hello, Buffer.alloc(1)]))).toBe('ERR_HANDSHAKE');
  });

  test('never makes more of any bytes than a code of the handshake', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(codeOf(bytes)).toBe('ERR_HANDSHAKE');
        expect(codeOf(Buffer.concat([hello.subarray(0, 10), bytes]))).toMatch(/^ERR_(HANDSHAKE|KEY_DIFFERS)$/);
      }),
    );
  });

  test('shows of foreign bytes only their start, in hex', () => {
    const frame = Buffer.from('GET / HTTP/1.1\r\nHost: example\r\n\r\n');
    expect(() => checkHello(frame, terms)).toThrow('33 bytes that start with 474554202f20485454502f312e310d0a');
  });
});

describe('a reject', () => {
  const codes: ErrorCode[] = ['ERR_HANDSHAKE', 'ERR_VERSION_DIFFERS', 'ERR_KEY_DIFFERS', 'ERR_CIPHER_DIFFERS'];

  test('is as long as any other, and shorter than the shortest hello', () => {
    for (const code of codes) expect(encodeReject(code, terms)).toHaveLength(REJECT_LENGTH);
    expect(REJECT_LENGTH).toBeLessThan(encodeHello({ ...terms, cipherName: 'x' }, firstMessage).length);
  });

  test('names the cipher only where that is what differs', () => {
    expect(toHex(encodeReject('ERR_CIPHER_DIFFERS', terms))).toBe(toHex(documented('reject')));
    expect(toHex(encodeReject('ERR_KEY_DIFFERS', terms))).toBe(
      `70656572686f6c64 0001 03 ${'00'.repeat(32)}`.replaceAll(' ', ''),
    );
  });

  test('makes the error that names both values', () => {
    const theirs = { ...terms, version: 7, cipherName: 'none' };
    const messageOf = (code: ErrorCode) => rejectError(decodeReject(encodeReject(code, theirs))!, terms);
    for (const code of codes) expect(messageOf(code)).toMatchObject({ code });
    expect(messageOf('ERR_VERSION_DIFFERS').message).toBe('the peer speaks version 7 of the protocol, this node 1');
    expect(messageOf('ERR_CIPHER_DIFFERS').message).toBe('the peer uses the cipher none, this node aes-gcm');
  });

  test('is nothing else than one of its length and magic', () => {
    const reject = encodeReject('ERR_KEY_DIFFERS', terms);
    expect(decodeReject(reject.subarray(1))).toBeUndefined();
    expect(decodeReject(Buffer.alloc(REJECT_LENGTH))).toBeUndefined();
    expect(decodeReject(hello)).toBeUndefined();
  });

  test('of a code that is not known yet ends the handshake all the same', () => {
    const reject = Uint8Array.from(encodeReject('ERR_KEY_DIFFERS', terms));
    reject[10] = 200;
    expect(decodeReject(reject)).toMatchObject({ code: 'ERR_HANDSHAKE' });
  });

  test('brings no control character of a liar into a message', () => {
    const reject = Uint8Array.from(encodeReject('ERR_CIPHER_DIFFERS', terms));
    reject.set(fromHex('1b5b324a'), 11);
    expect(rejectError(decodeReject(reject)!, terms).message).toBe('the peer uses another cipher, this node aes-gcm');
  });
});

describe('the name of a cipher', () => {
  test('is printable ASCII of 1 to 32 characters, without blanks', () => {
    for (const name of ['aes-gcm', 'x', '~!', 'y'.repeat(32)]) expect(isCipherName(name)).toBe(true);
    for (const name of ['', ' x', 'x y', 'ä', 'a\nb', 'y'.repeat(33)]) expect(isCipherName(name)).toBe(false);
  });
});

/** An example on the page; its tag was computed by another implementation. */
function documented(name: string): Uint8Array {
  const page = readFileSync(new URL('../../../docs/security.md', import.meta.url), 'utf8');
  const [, hex = ''] = new RegExp(`\`\`\`hex ${name}\\n([^\`]*)\`\`\``).exec(page) ?? [];
  return fromHex(hex);
}
