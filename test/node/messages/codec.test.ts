import fc from 'fast-check';
import { errorCode } from '../../../src/kernel/index.ts';
import { decodeFrame, encodeMessage } from '../../../src/node/messages/codec.ts';
import type { Message } from '../../../src/node/messages/message.ts';
import { arbitraryMessage } from './samples.ts';

function outcome(frame: Uint8Array): string {
  try {
    return decodeFrame(frame).type;
  } catch (error) {
    return errorCode(error) ?? String(error);
  }
}

describe('messages', () => {
  test('whatever is encoded decodes to itself, and encodes to the same bytes again', () => {
    fc.assert(
      fc.property(arbitraryMessage, (message) => {
        const frame = encodeMessage(message);
        const decoded = decodeFrame(frame);
        expect(decoded).toEqual(message);
        expect(Buffer.from(encodeMessage(decoded as Message)).equals(frame)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('arbitrary bytes give a message, an unknown type, or ERR_MESSAGE', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (frame) => {
        expect(outcome(frame)).toMatch(/^([A-Z]+|UNKNOWN|ERR_MESSAGE)$/);
      }),
      { numRuns: 2_000 },
    );
  });

  test('a real message with bytes changed, cut or added gives a message or ERR_MESSAGE', () => {
    const damage = fc.record({
      at: fc.nat(),
      byte: fc.nat({ max: 255 }),
      cut: fc.nat({ max: 3 }),
      added: fc.uint8Array({ maxLength: 3 }),
    });
    fc.assert(
      fc.property(arbitraryMessage, damage, (message, { at, byte, cut, added }) => {
        const frame = Uint8Array.from([...encodeMessage(message), ...added]);
        frame[at % frame.length] = byte;
        expect(outcome(frame.subarray(0, frame.length - cut))).toMatch(/^[A-Z_]+$/);
      }),
      { numRuns: 2_000 },
    );
  });
});
