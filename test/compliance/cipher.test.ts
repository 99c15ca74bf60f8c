import { cipherCompliance } from '../../src/compliance/index.ts';
import { KernelError, type Cipher, type RecordCipher } from '../../src/kernel/index.ts';
import { aesGcm } from '../../src/plugins/index.ts';
import { createPlugin } from '../support/create-plugin.ts';
import { override } from '../support/override.ts';
import { expectCaught, type Broken } from './expect-caught.ts';

const broken: readonly Broken<Cipher>[] = [
  {
    defect: 'has a name that is no name',
    caughtBy: 'declares a name, a key length and an overhead within the limits',
    breakIt: (sound) => override(sound, { name: 'aes gcm\n' }),
  },
  {
    defect: 'adds more than it says',
    caughtBy: 'opens what it sealed, at every size, longer by exactly its overhead',
    breakIt: (sound) => override(sound, { overhead: sound.overhead - 1 }),
  },
  {
    defect: 'cuts sequence numbers to 32 bits',
    caughtBy: 'refuses a record under another sequence number (where authenticated)',
    breakIt: withRecords((records) => ({
      seal: (sequence, plaintext) => records.seal(sequence & 0xffff_ffffn, plaintext),
      open: (sequence, record) => records.open(sequence & 0xffff_ffffn, record),
    })),
  },
  {
    defect: 'fails at sequence numbers beyond those of a double',
    caughtBy: 'takes every sequence number up to 2^64 - 1',
    breakIt: withRecords((records) => ({
      seal: (sequence, plaintext) => records.seal(BigInt(Number(sequence)) + 0n, plaintext),
      open: (sequence, record) => records.open(sequence, record),
    })),
  },
  {
    defect: 'uses one nonce for all records',
    caughtBy: 'hides the plaintext: no record resembles it, or another record (where authenticated)',
    breakIt: withRecords((records) => ({
      seal: (_sequence, plaintext) => records.seal(0n, plaintext),
      open: (_sequence, record) => records.open(0n, record),
    })),
  },
  {
    defect: 'does not look at the last byte of the tag',
    caughtBy: 'refuses a record with any one byte changed (where authenticated)',
    breakIt: withRecords((records) => ({
      seal: (sequence, plaintext) => records.seal(sequence, plaintext),
      open: (sequence, record) => {
        const tried = record.slice();
        for (let last = 0; last < 256; last++) {
          tried[tried.length - 1] = last;
          try {
            return records.open(sequence, tried);
          } catch {
            continue;
          }
        }
        return records.open(sequence, record);
      },
    })),
  },
  {
    defect: 'reports a forged record without a code',
    caughtBy: 'refuses a record that is cut, lengthened, or empty (where authenticated)',
    breakIt: withRecords((records) => ({
      open: (sequence, record) => {
        try {
          return records.open(sequence, record);
        } catch {
          throw new Error('bad decrypt');
        }
      },
    })),
  },
  {
    defect: 'uses half of the key',
    caughtBy: 'refuses a record under another key (where authenticated)',
    breakIt: (sound) =>
      override(sound, {
        create: (key) => {
          const half = key.slice().fill(0, key.length / 2);
          if (key.length !== sound.keyLength) throw new RangeError('key length');
          return sound.create(half);
        },
      }),
  },
  {
    defect: 'takes a key of any length',
    caughtBy: 'copies the key, and refuses one of another length with RangeError',
    breakIt: (sound) =>
      override(sound, {
        create: (key) => {
          const fitted = new Uint8Array(sound.keyLength);
          fitted.set(key.subarray(0, sound.keyLength));
          return sound.create(fitted);
        },
      }),
  },
  {
    defect: 'is broken for good by a forged record',
    caughtBy: 'opens the next record after it refused one (where authenticated)',
    breakIt: withRecords((records) => {
      let isBroken = false;
      return {
        open: (sequence, record) => {
          try {
            if (!isBroken) return records.open(sequence, record);
          } catch {
            isBroken = true;
          }
          throw new KernelError('ERR_CIPHER_REJECTED', 'broken');
        },
      };
    }),
  },
  {
    defect: 'hands out one buffer again and again',
    caughtBy: 'keeps earlier results as they are when it works on',
    breakIt: withRecords((records) => {
      const shared = new Uint8Array(2 ** 21);
      return {
        open: (sequence, record) => {
          const plaintext = records.open(sequence, record);
          shared.set(plaintext);
          return shared.subarray(0, plaintext.length);
        },
      };
    }),
  },
];

function withRecords(change: (sound: RecordCipher) => Partial<RecordCipher>): (sound: Cipher) => Cipher {
  return (sound) =>
    override(sound, {
      create: (key) => {
        const records = sound.create(key);
        return override(records, change(records));
      },
    });
}

describe('cipherCompliance', () => {
  expectCaught(broken, (breakIt) => cipherCompliance({ create: () => breakIt(createPlugin(aesGcm())) }));
});
