import { FRAME_OVERHEAD_ALLOWANCE, MAX_FRAME_LENGTH, type Cipher, type RecordCipher } from '../kernel/index.ts';
import { toCase, type ComplianceCase, type Requirement } from './compliance-case.ts';
import { attempt, expect, expectBytes, expectCode, expectEqual } from './expectations.ts';
import { lengthLadder, sampleBytes } from './sample-bytes.ts';

/** What the suite needs to know of an implementation. */
export interface CipherFixture {
  create(): Cipher;
}

/** What every Cipher must do. What only an authenticating one can is asked of those that say `authenticated`. */
export function cipherCompliance(fixture: CipherFixture): readonly ComplianceCase[] {
  return requirements.map((requirement) => toCase(requirement, () => fixture.create()));
}

const LARGEST_SEQUENCE = 2n ** 64n - 1n;

const requirements: readonly Requirement<() => Cipher>[] = [
  {
    name: 'declares a name, a key length and an overhead within the limits',
    check: (create) => {
      const cipher = create();
      expect(
        /^[\x21-\x7e]{1,32}$/.test(cipher.name),
        `the name ${JSON.stringify(cipher.name)} is not 1 to 32 printable ASCII characters`,
      );
      expect(Number.isInteger(cipher.keyLength) && cipher.keyLength >= 0, `keyLength is ${cipher.keyLength}`);
      expect(
        Number.isInteger(cipher.overhead) && cipher.overhead >= 0 && cipher.overhead <= FRAME_OVERHEAD_ALLOWANCE,
        `overhead is ${cipher.overhead}, not 0 to ${FRAME_OVERHEAD_ALLOWANCE}`,
      );
      expect(!cipher.authenticated || cipher.keyLength >= 16, `authenticated with a key of ${cipher.keyLength} bytes`);
    },
  },
  {
    name: 'opens what it sealed, at every size, longer by exactly its overhead',
    check: (create) => {
      const cipher = create();
      const [sealer, opener] = pair(cipher);
      lengthLadder(MAX_FRAME_LENGTH).forEach((length, index) => {
        const plaintext = sampleBytes(length, index);
        const record = sealer.seal(BigInt(index), plaintext);
        expectEqual(record.length, length + cipher.overhead, `length of the record of ${length} bytes`);
        expectBytes(
          opener.open(BigInt(index), record),
          sampleBytes(length, index),
          `the opened record of ${length} bytes`,
        );
      });
    },
  },
  {
    name: 'takes every sequence number up to 2^64 - 1',
    check: (create) => {
      const cipher = create();
      const [sealer, opener] = pair(cipher);
      for (const sequence of [
        0n,
        1n,
        255n,
        256n,
        2n ** 24n,
        2n ** 32n - 1n,
        2n ** 32n,
        2n ** 53n + 1n,
        LARGEST_SEQUENCE,
      ]) {
        const record = sealer.seal(sequence, sampleBytes(100, 1));
        expectBytes(opener.open(sequence, record), sampleBytes(100, 1), `the record of sequence ${sequence}`);
      }
    },
  },
  {
    name: 'leaves plaintext and record as they are',
    check: (create) => {
      const cipher = create();
      const [sealer, opener] = pair(cipher);
      const plaintext = sampleBytes(1_000, 1);
      const record = sealer.seal(1n, plaintext);
      expectBytes(plaintext, sampleBytes(1_000, 1), 'the plaintext after seal');
      const before = record.slice();
      opener.open(1n, record);
      if (cipher.authenticated) expectBytes(record, before, 'the record after open');
    },
  },
  {
    name: 'works on parts of larger buffers',
    check: (create) => {
      const cipher = create();
      const [sealer, opener] = pair(cipher);
      const plaintext = sampleBytes(300, 1).subarray(50, 250);
      const record = sealer.seal(1n, plaintext);
      const around = new Uint8Array(record.length + 20).fill(7);
      around.set(record, 10);
      const opened = opener.open(1n, around.subarray(10, 10 + record.length));
      expectBytes(opened, sampleBytes(300, 1).subarray(50, 250), 'the record out of a larger buffer');
    },
  },
  {
    name: 'keeps earlier results as they are when it works on',
    check: (create) => {
      const cipher = create();
      const [sealer, opener] = pair(cipher);
      const records = [1, 2, 3].map((seed) => sealer.seal(BigInt(seed), sampleBytes(500, seed)));
      const opened = records.map((record, index) => opener.open(BigInt(index + 1), record));
      opened.forEach((plaintext, index) => expectBytes(plaintext, sampleBytes(500, index + 1), `plaintext ${index}`));
    },
  },
  {
    name: 'copies the key, and refuses one of another length with RangeError',
    check: (create) => {
      const cipher = create();
      const key = keyOf(cipher, 1);
      const sealer = cipher.create(key);
      key.fill(0);
      const opener = cipher.create(keyOf(cipher, 1));
      expectBytes(
        opener.open(1n, sealer.seal(1n, sampleBytes(50, 1))),
        sampleBytes(50, 1),
        'a record after the key was overwritten',
      );
      for (const length of [cipher.keyLength + 1, cipher.keyLength - 1].filter((each) => each >= 0)) {
        const made = attempt(() => cipher.create(new Uint8Array(length)));
        const refused = !made.ok && made.error instanceof Error && made.error.name === 'RangeError';
        expect(
          refused,
          `a key of ${length} bytes: expected a RangeError, found ${made.ok ? 'a cipher' : String(made.error)}`,
        );
      }
    },
  },
  authenticatedCase('hides the plaintext: no record resembles it, or another record', (cipher) => {
    const sealer = cipher.create(keyOf(cipher, 1));
    const plaintext = new Uint8Array(256);
    const records = [1n, 2n, 2n ** 32n + 1n, 2n ** 40n + 1n].map((sequence) => sealer.seal(sequence, plaintext));
    const other = cipher.create(keyOf(cipher, 2)).seal(1n, plaintext);
    const all = [...records, other, plaintext];
    all.forEach((one, index) =>
      all.slice(index + 1).forEach((two) => {
        const same = plaintext.filter((_, at) => one[at] === two[at]).length;
        expect(same < 32, `${same} of 256 bytes are equal: the key stream is used twice, or there is none`);
      }),
    );
  }),
  authenticatedCase('refuses a record with any one byte changed', (cipher) => {
    const [sealer, opener] = pair(cipher);
    for (const length of [0, 1, 40]) {
      const record = sealer.seal(5n, sampleBytes(length, 1));
      record.forEach((_, at) => {
        for (const bit of [1, 128]) {
          const changed = record.slice();
          changed[at] = (record[at] ?? 0) ^ bit;
          expectRefused(opener, 5n, changed, `a record of ${length} bytes with byte ${at} changed`);
        }
      });
    }
  }),
  authenticatedCase('refuses a record that is cut, lengthened, or empty', (cipher) => {
    const [sealer, opener] = pair(cipher);
    const record = sealer.seal(5n, sampleBytes(40, 1));
    for (let length = 0; length < record.length; length++) {
      expectRefused(opener, 5n, record.subarray(0, length), `a record cut to ${length} of ${record.length} bytes`);
    }
    expectRefused(opener, 5n, Uint8Array.of(...record, 0), 'a record with a byte more');
    expectRefused(opener, 5n, record.subarray(1), 'a record without its first byte');
  }),
  authenticatedCase('refuses a record under another sequence number', (cipher) => {
    const [sealer, opener] = pair(cipher);
    const record = sealer.seal(5n, sampleBytes(40, 1));
    for (const sequence of [
      4n,
      6n,
      0n,
      5n + 2n ** 8n,
      5n + 2n ** 16n,
      5n + 2n ** 32n,
      5n + 2n ** 53n,
      5n + 2n ** 63n,
    ]) {
      expectRefused(opener, sequence, record, `the record of sequence 5 as ${sequence}`);
    }
  }),
  authenticatedCase('refuses a record under another key', (cipher) => {
    const record = cipher.create(keyOf(cipher, 1)).seal(5n, sampleBytes(40, 1));
    for (let at = 0; at < cipher.keyLength; at++) {
      const key = keyOf(cipher, 1);
      key[at] = (key[at] ?? 0) ^ 1;
      expectRefused(cipher.create(key), 5n, record, `a record under a key that differs in byte ${at}`);
    }
  }),
  authenticatedCase('opens the next record after it refused one', (cipher) => {
    const [sealer, opener] = pair(cipher);
    expectRefused(opener, 1n, new Uint8Array(100), 'zeros');
    expectBytes(opener.open(2n, sealer.seal(2n, sampleBytes(9, 1))), sampleBytes(9, 1), 'the record after one refused');
  }),
];

/** A case that holds by itself for a cipher that does not say it authenticates. */
function authenticatedCase(name: string, check: (cipher: Cipher) => void) {
  return {
    name: `${name} (where authenticated)`,
    check: (create: () => Cipher) => {
      const cipher = create();
      if (cipher.authenticated) check(cipher);
    },
  };
}

function pair(cipher: Cipher): readonly [RecordCipher, RecordCipher] {
  return [cipher.create(keyOf(cipher, 1)), cipher.create(keyOf(cipher, 1))];
}

function keyOf(cipher: Cipher, seed: number): Uint8Array {
  return sampleBytes(cipher.keyLength, seed).slice();
}

function expectRefused(opener: RecordCipher, sequence: bigint, record: Uint8Array, what: string): void {
  expectCode(
    attempt(() => opener.open(sequence, record)),
    'ERR_CIPHER_REJECTED',
    `opening ${what}`,
  );
}
