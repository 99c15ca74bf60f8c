import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { errorCode } from '../../../../src/kernel/index.ts';
import { decodeFrames, writeFrame, type Frame } from '../../../../src/plugins/transport/mrt-udp/frames.ts';
import {
  HEADER_LENGTH,
  decodePacket,
  sealPacket,
  type PacketType,
} from '../../../../src/plugins/transport/mrt-udp/packet.ts';
import { ByteReader, ByteWriter } from '../../../../src/plugins/transport/mrt-udp/wire.ts';

const number = fc.maxSafeNat();
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const id = bytes(8)
  .filter((value) => value.some((byte) => byte !== 0))
  .map((value) => Buffer.from(value).toString('hex'));
const retryToken = fc.uint8Array({ maxLength: 64 });
const ranges = fc.array(fc.tuple(fc.nat(1_000), fc.nat(1_000)), { minLength: 1, maxLength: 128 }).map((steps) => {
  let next = 0;
  return steps
    .map(([gap, length]) => {
      const smallest = next + gap;
      next = smallest + length + 2;
      return { smallest, largest: smallest + length };
    })
    .reverse();
});
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ type: fc.constant('ping' as const) }),
  fc.record({ type: fc.constant('ack' as const), delayUs: fc.nat(), ranges }),
  fc.record({ type: fc.constant('window' as const), limit: number }),
  fc.record({ type: fc.constant('close' as const), code: fc.nat(10) }),
  fc.record({ type: fc.constant('reset' as const), code: fc.nat(10), token: bytes(16) }),
  fc.record({ type: fc.constantFrom('pathChallenge' as const, 'pathResponse' as const), token: bytes(8) }),
  fc.record({ type: fc.constant('stream' as const), offset: fc.nat(), bytes: fc.uint8Array(), fin: fc.boolean() }),
  fc.record({ type: fc.constant('retry' as const), token: retryToken }),
  fc.record({ type: fc.constant('reminder' as const), sender: id, token: bytes(16) }),
  fc.record({
    type: fc.constant('hello' as const),
    ...{ sender: id, resetToken: bytes(16), window: number, maxDatagram: number, answers: number, retryToken },
  }),
);

function encode(frames: readonly Frame[]): Uint8Array {
  const writer = new ByteWriter(new Uint8Array(60_000), HEADER_LENGTH);
  for (const each of frames) writeFrame(writer, each);
  return writer.bytes.slice(0, writer.position);
}

function failureOf(payload: Uint8Array): string | undefined {
  try {
    decodeFrames(payload);
    return undefined;
  } catch (error) {
    return errorCode(error) ?? String(error);
  }
}

describe('the MRT packet codec', () => {
  test('writes and reads the example of docs/mrt.md', () => {
    const page = readFileSync(new URL('../../../../docs/mrt.md', import.meta.url), 'utf8');
    const hex = /<!-- example: data packet -->\s*```\n([^`]+)```/.exec(page)![1]!.replaceAll(/\s/g, '');
    const frames: Frame[] = [
      {
        type: 'ack',
        delayUs: 1_000,
        ranges: [
          { smallest: 9, largest: 9 },
          { smallest: 2, largest: 5 },
        ],
      },
      { type: 'stream', offset: 70, bytes: Uint8Array.of(0xa1, 0xb2, 0xc3), fin: false },
    ];
    const header = { type: 'data', receiver: '1122334455667788', number: 7 } as const;
    expect(Buffer.from(sealPacket(encode(frames), header)).toString('hex')).toBe(hex);
    const packet = decodePacket(Buffer.from(hex, 'hex'));
    expect(packet).toMatchObject(header);
    if (typeof packet !== 'string') expect(decodeFrames(new Uint8Array(packet.payload))).toEqual(frames);
  });

  test('reads back whatever frames it wrote, between padding', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), fc.nat(20), (frames, padding) => {
        const payload = encode(frames).subarray(HEADER_LENGTH);
        expect(decodeFrames(Uint8Array.of(...payload, ...new Uint8Array(padding)))).toEqual(frames);
      }),
    );
  });

  test('reads back whatever header it wrote', () => {
    const types = fc.constantFrom<PacketType>('initial', 'retry', 'handshake', 'data');
    fc.assert(
      fc.property(types, id, number, (type, receiver, packetNumber) => {
        const header = { type, receiver, number: packetNumber };
        expect(decodePacket(sealPacket(encode([{ type: 'ping' }]), header))).toMatchObject(header);
      }),
    );
  });

  test('refuses a packet with any one bit changed', () => {
    const packet = sealPacket(encode([{ type: 'ping' }]), { type: 'data', receiver: '1122334455667788', number: 1 });
    for (let bit = 0; bit < packet.length * 8; bit += 1) {
      const changed = new Uint8Array(packet);
      changed[bit >>> 3]! ^= 1 << (bit & 7);
      expect(typeof decodePacket(changed)).toBe('string');
    }
  });

  test('says why it refuses what is empty, short, of another version, or of no type', () => {
    const packet = sealPacket(encode([{ type: 'ping' }]), { type: 'data', receiver: '1122334455667788', number: 1 });
    const withFirst = (first: number) => Uint8Array.of(first, ...packet.subarray(1));
    expect([new Uint8Array(), packet.subarray(0, 20), withFirst(0x24), withFirst(0x1f)].map(decodePacket)).toEqual([
      'empty',
      'too short',
      'another version',
      'unknown type',
    ]);
  });

  test.each([
    ['an unknown frame type', '7f'],
    ['no range in an ack', '02 05 00 00'],
    ['too many ranges in an ack', '02 05 00 4081'],
    ['an ack below zero', '02 05 00 01 06'],
    ['a range of an ack below zero', '02 05 00 02 01 05 00'],
    ['a stream frame longer than its packet', '08 00 05 01'],
    ['a number above 2^53', '03 ffffffffffffffff'],
    ['a stream offset at which its end is above 2^53', '08 c01fffffffffffff 01 00'],
    ['a retry token above the limit', '0b 4041'],
    ['a truncated reset', '05 00 0102'],
    ['a connection id of zeros', '0c 0000000000000000'],
  ])('refuses %s with ERR_PACKET', (_, hex) => {
    const payload = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    expect(failureOf(payload)).toBe('ERR_PACKET');
  });

  test('throws nothing but ERR_PACKET whatever it is given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (payload) => {
        expect([undefined, 'ERR_PACKET']).toContain(failureOf(payload));
      }),
      { numRuns: 500 },
    );
  });

  test('keeps numbers of every length', () => {
    fc.assert(
      fc.property(number, (value) => {
        const writer = new ByteWriter(new Uint8Array(8));
        writer.varint(value);
        expect(new ByteReader(writer.bytes).varint()).toBe(value);
      }),
    );
  });
});
