import { seededRandom } from '../../../../src/kit/seeded-random.ts';
import { HEADER_LENGTH, decodePacket, sealPacket } from '../../../../src/plugins/transport/mrt-udp/packet.ts';

test('of a hundred thousand packets that were damaged anywhere behind their first byte none is taken for whole', () => {
  const random = seededRandom(5);
  const packet = sealPacket(random.bytes(HEADER_LENGTH + 60), {
    type: 'data',
    receiver: '1122334455667788',
    number: 7,
  });
  let taken = 0;
  for (let count = 0; count < 100_000; count += 1) {
    const damaged = new Uint8Array(packet);
    const at = 1 + Math.floor(random.fraction() * (packet.length - 4));
    damaged.set(random.bytes(4), at);
    const isSame = Buffer.compare(damaged, packet) === 0;
    if (!isSame && typeof decodePacket(damaged) !== 'string') taken += 1;
  }
  expect(taken).toBe(0);
});
