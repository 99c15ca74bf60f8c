import fc from 'fast-check';
import { decodeFrame, encodeMessage } from '../../../src/node/messages/codec.ts';
import { HeartbeatFrames, HeartbeatReader } from '../../../src/node/messages/heartbeat-frames.ts';
import { MAX_NODES } from '../../../src/node/messages/limits.ts';
import type { DecodedFrame, HbMessage } from '../../../src/node/messages/message.ts';
import { thrownBy } from '../../support/thrown-by.ts';
import { thrownCode } from '../../support/thrown-code.ts';
import { arbitraryMessage, hex32, node } from './samples.ts';

const times = { stamp: 120_500, echo: 88_200, heldMs: 1_500 };
const nodes = [node(hex32('b')), node(hex32('c'), { place: { zone: 'attic' } })];
const heartbeat = (over: Partial<HbMessage> = {}) => {
  const message: HbMessage = { type: 'HB', ...times, connections: nodes, ...over };
  return encodeMessage(message);
};
const bytes = (text: string) => new TextEncoder().encode(text);
const connectionsOf = (message: DecodedFrame) => (message.type === 'HB' ? message.connections : undefined);

describe('heartbeats of one beat', () => {
  test('are what each would be by itself, to the byte', () => {
    const beat = new HeartbeatFrames(nodes);
    for (const each of [times, { stamp: 0, echo: -1, heldMs: 0 }]) {
      expect(beat.frame(each)).toEqual(heartbeat(each));
    }
    expect(new HeartbeatFrames([]).frame(times)).toEqual(heartbeat({ connections: [] }));
  });

  test('are refused where a peer would refuse them', () => {
    const many = Array.from({ length: MAX_NODES + 1 }, () => node(hex32('b')));
    expect(thrownCode(() => new HeartbeatFrames(many))).toBe('ERR_MESSAGE');
    expect(thrownCode(() => new HeartbeatFrames(nodes).frame({ ...times, echo: -2 }))).toBe('ERR_MESSAGE');
  });
});

describe('the reader of heartbeats', () => {
  test('reads any frames as they are read one by one', () => {
    const frames = fc.array(fc.tuple(arbitraryMessage, fc.integer({ min: 1, max: 3 })), { maxLength: 5 });
    fc.assert(
      fc.property(frames, (sent) => {
        const reader = new HeartbeatReader();
        for (const [message, repeats] of sent) {
          const frame = encodeMessage(message);
          for (let repeat = 0; repeat < repeats; repeat++) expect(reader.decode(frame)).toEqual(decodeFrame(frame));
        }
      }),
    );
  });

  test('reads the list once as long as it stays the same, also where the memory of the first frame is used again', () => {
    const reader = new HeartbeatReader();
    const frame = heartbeat();
    const first = connectionsOf(reader.decode(frame));
    frame.fill(0);
    const second = reader.decode(heartbeat({ stamp: 122_500 }));
    expect(second).toEqual({ type: 'HB', ...times, stamp: 122_500, connections: nodes });
    expect(connectionsOf(second)).toBe(first);
  });

  test('reads another list, a shorter one, and the first one again', () => {
    const reader = new HeartbeatReader();
    for (const connections of [nodes, nodes.slice(1), [], nodes]) {
      expect(reader.decode(heartbeat({ connections }))).toEqual({ type: 'HB', ...times, connections });
    }
  });

  test('keeps what a later version appends apart from what it knows', () => {
    const reader = new HeartbeatReader();
    const text = Buffer.from(heartbeat()).toString();
    for (const extra of ['', '^more', '^more', '^else']) {
      expect(reader.decode(bytes(text + extra))).toEqual({ type: 'HB', ...times, connections: nodes });
    }
  });

  test.each([
    ['times that are none', 'HB^0&-2&0^0'],
    ['a missing time', 'HB^0&-1^0'],
    ['nothing but times, wrong ones', 'HB^0&-1'],
  ])('refuses %s behind a list that is known, with the same words', (_, text) => {
    const reader = new HeartbeatReader();
    reader.decode(bytes('HB^0&-1&0^0'));
    expect(thrownBy(() => reader.decode(bytes(text))).message).toBe(thrownBy(() => decodeFrame(bytes(text))).message);
  });

  test('goes on with the last good list behind one that was refused', () => {
    const reader = new HeartbeatReader();
    const first = connectionsOf(reader.decode(heartbeat()));
    expect(thrownCode(() => reader.decode(bytes('HB^0&-1&0^2^^0')))).toBe('ERR_MESSAGE');
    expect(connectionsOf(reader.decode(heartbeat()))).toBe(first);
  });
});
