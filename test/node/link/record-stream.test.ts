import fc from 'fast-check';
import type { Cipher } from '../../../src/kernel/index.ts';
import { RecordOpener, RecordSealer } from '../../../src/node/link/record-stream.ts';
import { Scratch } from '../../../src/node/link/scratch.ts';
import { aesGcm } from '../../../src/plugins/cipher/aes-gcm/index.ts';
import { none } from '../../../src/plugins/cipher/none/index.ts';
import { thrownCode } from '../../support/thrown-code.ts';
import { createPlugin } from '../../support/create-plugin.ts';

const secret = new Uint8Array(32).fill(1);

function stream(terms: { cipher?: Cipher; secret?: Uint8Array; recordsPerKey?: number } = {}) {
  const options = { cipher: createPlugin(aesGcm()), secret, ...terms };
  return { sealer: new RecordSealer({ ...options, scratch: new Scratch() }), opener: new RecordOpener(options) };
}

describe('the records of one direction', () => {
  for (const cipher of [createPlugin(aesGcm()), createPlugin(none())]) {
    test(`bring every frame and the closing mark across, with ${cipher.name}`, () => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (frames) => {
          const { sealer, opener } = stream({ cipher });
          const records = frames.map((frame) => sealer.seal('frame', frame));
          const mark = sealer.seal('close', new Uint8Array(0));
          expect(records.map((record) => opener.open(record).body)).toEqual(frames);
          expect(opener.open(mark).kind).toBe('close');
        }),
      );
    });
  }

  test('are longer than the frame by the kind and what the cipher adds', () => {
    const { sealer } = stream();
    expect(sealer.seal('frame', new Uint8Array(100))).toHaveLength(100 + 1 + 16);
  });

  test('are refused whichever byte of one is changed', () => {
    const frame = Uint8Array.from({ length: 40 }, (_, index) => index);
    const record = stream().sealer.seal('frame', frame);
    for (let index = 0; index < record.length; index++) {
      const changed = Uint8Array.from(record);
      changed[index]! ^= 0x80;
      expect(thrownCode(() => stream().opener.open(changed))).toBe('ERR_CIPHER_REJECTED');
    }
  });

  test('are refused at every other length', () => {
    const record = stream().sealer.seal('frame', new Uint8Array(40));
    for (let length = 0; length < record.length; length++) {
      expect(thrownCode(() => stream().opener.open(record.subarray(0, length)))).toBe('ERR_CIPHER_REJECTED');
    }
    expect(thrownCode(() => stream().opener.open(Buffer.concat([record, Buffer.alloc(1)])))).toBe(
      'ERR_CIPHER_REJECTED',
    );
  });

  test('are refused where one is replayed, left out, or comes before its turn', () => {
    const { sealer } = stream();
    const [first, second, third] = [1, 2, 3].map((byte) => sealer.seal('frame', Uint8Array.of(byte)));
    const takesOnly = (...records: (Uint8Array | undefined)[]) => {
      const { opener } = stream();
      for (const record of records.slice(0, -1)) opener.open(record!);
      expect(thrownCode(() => opener.open(records.at(-1)!))).toBe('ERR_CIPHER_REJECTED');
    };
    takesOnly(first, first);
    takesOnly(second);
    takesOnly(first, third);
    takesOnly(first, second, first);
  });

  test('are refused where one comes from another direction or connection', () => {
    const other = stream({ secret: new Uint8Array(32).fill(2) });
    expect(thrownCode(() => stream().opener.open(other.sealer.seal('frame', Uint8Array.of(1))))).toBe(
      'ERR_CIPHER_REJECTED',
    );
  });

  test('are refused where a member seals something that is neither frame nor closing mark', () => {
    const cipher = createPlugin(none());
    const { opener } = stream({ cipher });
    for (const plaintext of [[], [2], [255, 1], [1, 0]]) {
      expect(thrownCode(() => stream({ cipher }).opener.open(Uint8Array.from(plaintext)))).toBe('ERR_CIPHER_REJECTED');
    }
    expect(opener.open(Uint8Array.of(0, 7)).body).toEqual(Uint8Array.of(7));
  });

  test('go on with another key after the agreed number of records, and their numbers with them', () => {
    const keys: string[] = [];
    const sequences: bigint[] = [];
    const real = createPlugin(aesGcm());
    const cipher: Cipher = {
      ...real,
      create: (key) => {
        keys.push(Buffer.from(key).toString('hex'));
        const records = real.create(key);
        return {
          ...records,
          open: (sequence, record) => records.open(sequence, record),
          seal: (sequence, plaintext) => {
            sequences.push(sequence);
            return records.seal(sequence, plaintext);
          },
        };
      },
    };
    const { sealer, opener } = stream({ cipher, recordsPerKey: 4 });
    for (let byte = 0; byte < 10; byte++) {
      expect(opener.open(sealer.seal('frame', Uint8Array.of(byte))).body).toEqual(Uint8Array.of(byte));
    }
    // Both ends made each key once: records 0 to 3, 4 to 7, and 8 onwards.
    expect(new Set(keys).size).toBe(3);
    expect(keys).toHaveLength(6);
    expect(sequences).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]);
  });

  test('cannot be opened by an end that changes keys at another record', () => {
    const { sealer } = stream({ recordsPerKey: 2 });
    const { opener } = stream({ recordsPerKey: 3 });
    opener.open(sealer.seal('frame', Uint8Array.of(0)));
    opener.open(sealer.seal('frame', Uint8Array.of(1)));
    const third = sealer.seal('frame', Uint8Array.of(2));
    expect(thrownCode(() => opener.open(third))).toBe('ERR_CIPHER_REJECTED');
  });

  test('do not change under the hands of a transport that keeps one, also where the cipher passes bytes on', () => {
    const { sealer, opener } = stream({ cipher: createPlugin(none()) });
    const kept = sealer.seal('frame', Uint8Array.of(1, 2, 3));
    sealer.seal('frame', Uint8Array.of(9, 9, 9));
    expect(opener.open(kept).body).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('are sealed from one piece of memory, whatever their number, where the cipher makes records of its own', () => {
    const memories = new Set<ArrayBufferLike>();
    const real = createPlugin(aesGcm());
    const cipher: Cipher = {
      ...real,
      create: (key) => {
        const records = real.create(key);
        return {
          open: (sequence, record) => records.open(sequence, record),
          seal: (sequence, plaintext) => {
            memories.add(plaintext.buffer);
            return records.seal(sequence, plaintext);
          },
        };
      },
    };
    const { sealer } = stream({ cipher });
    for (let frame = 0; frame < 1_000; frame++) sealer.seal('frame', new Uint8Array(1_000 - frame));
    expect(memories.size).toBe(1);
  });

  test('are refused with ERR_CIPHER_REJECTED whatever a cipher throws', () => {
    const cipher: Cipher = {
      ...createPlugin(none()),
      create: () => ({
        seal: (_, plaintext) => plaintext,
        open: () => {
          throw new TypeError('oops');
        },
      }),
    };
    expect(thrownCode(() => stream({ cipher }).opener.open(Uint8Array.of(0)))).toBe('ERR_CIPHER_REJECTED');
  });
});
