import fc from 'fast-check';
import { blake3 } from '../../../src/kit/blake3.ts';
import {
  MAX_MANIFEST_LENGTH,
  MAX_PIECE_LENGTH,
  MIN_PIECE_LENGTH,
  PIECE_HASH_LENGTH,
  checkManifest,
  decodeManifest,
  encodeManifest,
  isPiece,
  manifestHash,
  pieceCount,
  pieceHash,
  pieceRange,
  type Manifest,
} from '../../../src/node/pieces/manifest.ts';
import { MAX_PIECES } from '../../../src/node/pieces/piece-set.ts';
import type { FileRecord } from '../../../src/node/records.ts';
import { pageExamples, protocolPage } from '../../docs/protocol-page.ts';
import { fromHex, toHex } from '../../support/hex.ts';
import { thrownBy } from '../../support/thrown-by.ts';
import { thrownCode } from '../../support/thrown-code.ts';
import { record as anyRecord } from '../messages/samples.ts';

const ID = 'a1'.repeat(16);

function manifestOf(fields: Partial<Manifest> = {}): Manifest {
  const { size = 2_500, pieceLength = 1_024 } = fields;
  return {
    name: 'notes/ä.txt',
    size,
    checksum: 'c'.repeat(64),
    pieceLength,
    hashes: Uint8Array.from({ length: Math.ceil(size / pieceLength) * PIECE_HASH_LENGTH }, (_, index) => index),
    writer: ID,
    version: new Map([[ID, 3]]),
    ...fields,
  };
}

function recordOf({ name, size, checksum, writer, version }: Manifest): FileRecord {
  return anyRecord({ name, size, checksum, writer, version });
}

/** The bytes with some of them written over. */
function altered(bytes: Uint8Array, position: number, hex: string): Uint8Array {
  const copy = bytes.slice();
  copy.set(fromHex(hex), position);
  return copy;
}

describe('the manifest of docs/protocol.md', () => {
  const page = protocolPage();
  const [, hex = ''] = /```manifest\n([^`]*)```/.exec(page) ?? [];
  const offered = pageExamples(page).flatMap(({ message }) => (message.type === 'SDFX' ? [message.record] : []));

  test('is that of the record which is offered there', () => {
    const manifest = decodeManifest(fromHex(hex));
    expect(offered).toHaveLength(1);
    for (const record of offered) {
      checkManifest(manifest, record);
      expect(manifestHash(fromHex(hex))).toBe(record.manifest);
    }
    expect(toHex(manifest.hashes)).toBe(toHex(blake3(new TextEncoder().encode('abc'))));
  });

  test('is what encoding it again gives', () => {
    expect(toHex(encodeManifest(decodeManifest(fromHex(hex))))).toBe(toHex(fromHex(hex)));
  });
});

describe('a manifest', () => {
  test('comes back from its bytes', () => {
    const manifests = fc.record({
      size: fc.nat(200_000),
      pieceLength: fc.integer({ min: MIN_PIECE_LENGTH, max: 10_000 }),
      name: fc.constantFrom('a', 'été/^ café\n💾.txt', 'x'.repeat(255)),
    });
    fc.assert(
      fc.property(manifests, (fields) => {
        const manifest = manifestOf(fields);
        expect(decodeManifest(encodeManifest(manifest))).toEqual(manifest);
      }),
    );
  });

  test('of an empty file has no pieces', () => {
    const manifest = decodeManifest(encodeManifest(manifestOf({ size: 0 })));
    expect([pieceCount(manifest), manifest.hashes.length]).toEqual([0, 0]);
  });

  test('of the most pieces and the longest texts is not longer than the limit says', () => {
    const version = new Map(
      Array.from({ length: 256 }, (_, index) => [index.toString(16).padStart(32, '0'), 2 ** 40] as const),
    );
    const name = Array.from({ length: 5 }, () => 'n'.repeat(204)).join('/');
    const size = MAX_PIECES * MAX_PIECE_LENGTH;
    const encoded = encodeManifest(manifestOf({ size, pieceLength: MAX_PIECE_LENGTH, version, name }));
    expect(encoded.length).toBeLessThanOrEqual(MAX_MANIFEST_LENGTH);
    expect(decodeManifest(encoded).size).toBe(size);
  });

  test('has pieces of over 16 MiB where shorter ones would be too many', () => {
    const manifest = manifestOf({ size: 2 ** 40 + 1, pieceLength: 2 ** 25 });
    expect(decodeManifest(encodeManifest(manifest)).pieceLength).toBe(2 ** 25);
  });

  test('says where each piece lies, the last one being what is left', () => {
    const manifest = manifestOf();
    expect([0, 1, 2].map((piece) => pieceRange(manifest, piece))).toEqual([
      { position: 0, length: 1_024 },
      { position: 1_024, length: 1_024 },
      { position: 2_048, length: 452 },
    ]);
    expect(() => pieceRange(manifest, 3)).toThrow(RangeError);
  });

  test('tells a right piece from a wrong one', () => {
    const manifest = manifestOf();
    expect([isPiece(manifest, 1, pieceHash(manifest, 1)), isPiece(manifest, 1, pieceHash(manifest, 2))]).toEqual([
      true,
      false,
    ]);
    expect(isPiece(manifest, 1, pieceHash(manifest, 1).subarray(1))).toBe(false);
  });

  test.each<[string, Partial<FileRecord>]>([
    ['name', { name: 'other' }],
    ['size', { size: 2_501 }],
    ['checksum', { checksum: 'd'.repeat(64) }],
    ['writer', { writer: 'b2'.repeat(16) }],
    ['version', { version: new Map([[ID, 4]]) }],
  ])('is not that of a record with another %s', (field, fields) => {
    const manifest = manifestOf();
    checkManifest(manifest, recordOf(manifest));
    const check = () => checkManifest(manifest, { ...recordOf(manifest), ...fields });
    expect(thrownCode(check)).toBe('ERR_MANIFEST');
    expect(thrownBy(check).message).toContain(`its ${field} `);
  });
});

describe('refused with ERR_MANIFEST is', () => {
  const encoded = encodeManifest(manifestOf());

  test.each([
    ['nothing', new Uint8Array(0)],
    ['another magic', altered(encoded, 0, '50484d47')],
    ['another format', altered(encoded, 4, '02')],
    ['another algorithm', altered(encoded, 5, '02')],
    ['a size beyond what is exact', altered(encoded, 6, '0020000000000000')],
    ['a size of another number of pieces', altered(encoded, 6, '0000000000000c01')],
    ['a piece length of 0', altered(encoded, 14, '00000000')],
    ['a piece length below the least', altered(encoded, 14, '000003ff')],
    ['a piece length above the most', altered(encoded, 14, '40000001')],
    ['more pieces than allowed', altered(altered(encoded, 6, '0000000004000001'), 50, '00010001')],
    ['a count of 2^32 - 1 pieces', altered(encoded, 50, 'ffffffff')],
    ['a count of one piece more', altered(encoded, 50, '00000004')],
    ['a version that is none', altered(encoded, 72, '78')],
    ['a version longer than all', altered(encoded, 70, 'ffff')],
    ['a hash that is cut short', encoded.subarray(0, -1)],
    ['a hash too few', encoded.subarray(0, -PIECE_HASH_LENGTH)],
    ['a byte too many', new Uint8Array([...encoded, 0])],
    ['more bytes than any has', new Uint8Array(MAX_MANIFEST_LENGTH + 1)],
  ])('%s', (_, bytes) => {
    expect(thrownCode(() => decodeManifest(bytes))).toBe('ERR_MANIFEST');
  });

  test('every manifest that ends early', () => {
    for (let length = 0; length < encoded.length; length++) {
      expect(thrownCode(() => decodeManifest(encoded.subarray(0, length)))).toBe('ERR_MANIFEST');
    }
  });

  test('a name that is not allowed, or no UTF-8', () => {
    const at = encoded.length - 3 * PIECE_HASH_LENGTH - 12;
    expect(toHex(encoded.subarray(at, at + 5))).toBe(toHex(new TextEncoder().encode('notes')));
    expect(thrownCode(() => decodeManifest(altered(encoded, at, '2e2e2f')))).toBe('ERR_MANIFEST');
    expect(thrownCode(() => decodeManifest(altered(encoded, at, 'ff')))).toBe('ERR_MANIFEST');
  });

  test('anything, never another error', () => {
    fc.assert(
      fc.property(fc.nat(encoded.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), (position, bytes) => {
        const copy = encoded.slice();
        copy.set(bytes.subarray(0, copy.length - position), position);
        expect(['nothing', 'ERR_MANIFEST']).toContain(thrownCode(() => decodeManifest(copy)));
      }),
    );
  });

  test.each<[string, Partial<Manifest>]>([
    ['a fraction of a byte', { size: 1.5 }],
    ['pieces of over 16 MiB without need', { size: 2 ** 40, pieceLength: 2 ** 25 }],
    ['hashes for another number of pieces', { hashes: new Uint8Array(32) }],
    ['a checksum that is none', { checksum: '' }],
    ['a writer that is none', { writer: 'x' }],
    ['no version', { version: new Map() }],
    ['a name out of the folder', { name: '../x' }],
  ])('%s, already where it would be encoded', (_, fields) => {
    expect(thrownCode(() => encodeManifest(manifestOf(fields)))).toBe('ERR_MANIFEST');
  });
});
