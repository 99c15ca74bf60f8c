import { MAX_FRAME_LENGTH, errorCode } from '../../../src/kernel/index.ts';
import { decodeFrame, encodeMessage } from '../../../src/node/messages/codec.ts';
import { heartbeatNodes } from '../../../src/node/messages/heartbeat-nodes.ts';
import {
  MAX_ADDRESS_LENGTH,
  MAX_ALTERNATIVES,
  MAX_CODE_LENGTH,
  MAX_COUNTER,
  MAX_FEATURES,
  MAX_FILES,
  MAX_KEYS,
  MAX_LISTINGS,
  MAX_MINOR_VERSION,
  MAX_NAME_DEPTH,
  MAX_NAME_LENGTH,
  MAX_NAME_PART_LENGTH,
  MAX_NODES,
  MAX_NUMBER,
  MAX_PIECES,
  MAX_RANGES,
  MAX_RANGE_LENGTH,
  MAX_TEXT_LENGTH,
  MAX_TIME_MS,
  MAX_WRITERS,
} from '../../../src/node/messages/limits.ts';
import { MAX_MANIFEST_LENGTH } from '../../../src/node/pieces/manifest.ts';
import type { ConnMessage, Message, SummMessage } from '../../../src/node/messages/message.ts';
import { hex32, node, record, statement } from './samples.ts';

const id = hex32('a');
const transfer = hex32('7');
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const repeat = <T>(count: number, item: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => item(index));
const idOf = (index: number): string => index.toString(16).padStart(32, '0');

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return errorCode(error) ?? String(error);
  }
}

const conn = (over: Partial<ConnMessage>): Message => ({
  type: 'CONN',
  node: node(id),
  recovery: false,
  user: 'ann',
  minorVersion: 0,
  features: [],
  ...over,
});
const KEY = 'f'.repeat(13);
const summ = (over: Partial<SummMessage>): Message => ({
  type: 'SUMM',
  seed: '0'.repeat(16),
  more: true,
  ranges: [],
  listings: [],
  wants: [],
  ...over,
});
const prefixes = (count: number): string[] => repeat(count, (index) => index.toString(16).padStart(13, '0'));
const file = (over: Parameters<typeof statement>[0]): Message => ({ type: 'FILE', statement: statement(over) });
const fileRecord = (over: Parameters<typeof record>[0]): Message => file({ record: record(over) });
const name = (length: number): string => repeat(length, (index) => (index % 200 === 199 ? '/' : 'n')).join('');

/** A message with exactly so much of what the limit counts. */
const limited: [limit: string, max: number, message: (amount: number) => Message][] = [
  ['MAX_NUMBER (size)', MAX_NUMBER, (size) => fileRecord({ size })],
  ['MAX_NUMBER (sequence)', MAX_NUMBER, (sequence) => file({ sequence })],
  ['MAX_NUMBER (incarnation of a statement)', MAX_NUMBER, (incarnation) => file({ incarnation })],
  [
    'MAX_NUMBER (incarnation of a node)',
    MAX_NUMBER,
    (incarnation) => ({ type: 'LEFT', node: node(id, { incarnation }) }),
  ],
  ['MAX_NUMBER (stamp)', MAX_NUMBER, (stamp) => ({ type: 'HB', stamp, echo: -1, heldMs: 0, connections: [] })],
  ['MAX_NUMBER (echo)', MAX_NUMBER, (echo) => ({ type: 'HB', stamp: 0, echo, heldMs: 0, connections: [] })],
  ['MAX_NUMBER (held)', MAX_NUMBER, (heldMs) => ({ type: 'HB', stamp: 0, echo: 0, heldMs, connections: [] })],
  ['MAX_NUMBER (end of a range)', MAX_NUMBER, (end) => ({ type: 'REQUEST', transfer, position: end - 7, length: 7 })],
  ['MAX_TIME_MS', MAX_TIME_MS, (modifiedMs) => fileRecord({ modifiedMs })],
  ['MAX_TIME_MS before 1970', MAX_TIME_MS, (modifiedMs) => fileRecord({ modifiedMs: -modifiedMs })],
  ['MAX_RANGE_LENGTH of a REQUEST', MAX_RANGE_LENGTH, (length) => ({ type: 'REQUEST', transfer, position: 0, length })],
  [
    'MAX_RANGE_LENGTH of a DATA',
    MAX_RANGE_LENGTH,
    (length) => ({ type: 'DATA', transfer, position: 0, bytes: new Uint8Array(length) }),
  ],
  [
    'MAX_RANGE_LENGTH of a MANIFEST_REQUEST',
    MAX_RANGE_LENGTH,
    (length) => ({ type: 'MANIFEST_REQUEST', transfer, position: 0, length, manifest: 'c'.repeat(64) }),
  ],
  [
    'MAX_RANGE_LENGTH of a MANIFEST',
    MAX_RANGE_LENGTH,
    (length) => ({ type: 'MANIFEST', transfer, position: 0, total: 2 ** 21, bytes: new Uint8Array(length) }),
  ],
  [
    'MAX_MANIFEST_LENGTH',
    MAX_MANIFEST_LENGTH,
    (total) => ({ type: 'MANIFEST', transfer, position: 7, total, bytes: new Uint8Array(1) }),
  ],
  [
    'MAX_PIECES of a HAVE',
    MAX_PIECES / 8 - 1,
    (length) => ({ type: 'HAVE', transfer, first: 8, bitmap: new Uint8Array(length) }),
  ],
  [
    'MAX_PIECES before a HAVE of all that follow',
    MAX_PIECES / 8 - 1,
    (bytes) => ({ type: 'HAVE', transfer, first: 8 * bytes, bitmap: new Uint8Array(0) }),
  ],
  ['MAX_CODE_LENGTH', MAX_CODE_LENGTH, (length) => ({ type: 'REFUSE', transfer, code: 'C'.repeat(length) })],
  [
    'MAX_ALTERNATIVES',
    MAX_ALTERNATIVES,
    (count) => ({ type: 'FULL', alternatives: repeat(count, (index) => node(idOf(index))) }),
  ],
  [
    'MAX_ADDRESS_LENGTH',
    MAX_ADDRESS_LENGTH,
    (length) => ({ type: 'LEFT', node: node(id, { address: '/'.repeat(length) }) }),
  ],
  ['MAX_WRITERS', MAX_WRITERS, (count) => fileRecord({ version: new Map(repeat(count, (index) => [idOf(index), 1])) })],
  ['MAX_COUNTER', MAX_COUNTER, (counter) => fileRecord({ version: new Map([[id, counter]]) })],
  ['MAX_FEATURES', MAX_FEATURES, (count) => conn({ features: repeat(count, (index) => `f${index}`) })],
  ['MAX_MINOR_VERSION', MAX_MINOR_VERSION, (minorVersion) => conn({ minorVersion })],
  ['MAX_NAME_LENGTH', MAX_NAME_LENGTH, (length) => fileRecord({ name: name(length) })],
  ['MAX_NAME_PART_LENGTH', MAX_NAME_PART_LENGTH, (length) => fileRecord({ name: `d/${'n'.repeat(length)}` })],
  ['MAX_NAME_DEPTH', MAX_NAME_DEPTH, (depth) => fileRecord({ name: repeat(depth, () => 'd').join('/') })],
  [
    'MAX_RANGES',
    MAX_RANGES,
    (count) => summ({ ranges: prefixes(count).map((prefix) => ({ prefix, count: MAX_NUMBER, sum: KEY })) }),
  ],
  [
    'MAX_LISTINGS',
    MAX_LISTINGS,
    (count) => summ({ listings: prefixes(count).map((prefix) => ({ prefix, keys: [] })) }),
  ],
  ['MAX_KEYS of a listing', MAX_KEYS, (count) => summ({ listings: [{ prefix: '', keys: repeat(count, () => KEY) }] })],
  [
    'MAX_KEYS of two listings',
    MAX_KEYS,
    (count) =>
      summ({
        listings: [
          { prefix: '0', keys: [KEY] },
          { prefix: '1', keys: repeat(count - 1, () => KEY) },
        ],
      }),
  ],
  ['MAX_KEYS that are wanted', MAX_KEYS, (count) => summ({ wants: repeat(count, () => KEY) })],
  ['a user label of 32', 32, (length) => conn({ user: 'u'.repeat(length) })],
  ['a zone of 32', 32, (length) => conn({ node: node(id, { place: { zone: 'z'.repeat(length) } }) })],
  [
    '90 degrees north',
    90,
    (latitude) => conn({ node: node(id, { place: { coordinates: { latitude, longitude: 0 } } }) }),
  ],
  [
    '180 degrees west',
    180,
    (west) => conn({ node: node(id, { place: { coordinates: { latitude: 0, longitude: -west } } }) }),
  ],
];

describe('limits of one message', () => {
  test.each(limited)('%s: the limit itself is carried', (_, max, message) => {
    const frame = encodeMessage(message(max));
    const decoded = decodeFrame(frame);
    expect(decoded.type).toBe(message(max).type);
    expect(Buffer.compare(encodeMessage(decoded as Message), frame)).toBe(0);
  });

  test.each(limited)('%s: one more is not sent', (_, max, message) => {
    expect(codeOf(() => encodeMessage(message(max + 1)))).toBe('ERR_MESSAGE');
  });

  test.each([
    ['nodes of an HB', `HB^0&-1&0^${MAX_NODES + 1}`],
    ['nodes of a TIMN', `TIMN^&0&${id}&1^0^${MAX_NODES + 1}`],
    ['files of a TIMN', `TIMN^&0&${id}&1^${MAX_FILES + 1}`],
    ['features', `CONN^&0&${id}&1^0^ann^0^${repeat(MAX_FEATURES + 1, () => 'f').join('&')}`],
    ['writers', `FILE^a^^1^1^ann^${id}^${repeat(MAX_WRITERS + 1, (index) => `${idOf(index)}:1`).join(',')}`],
    ['bytes of an ip', `LEFT^${'/'.repeat(MAX_ADDRESS_LENGTH + 1)}^0^${id}^1`],
    ['bytes of a name', `FILE^${name(MAX_NAME_LENGTH + 1)}`],
  ])('one more of %s is not read', (_, text) => {
    expect(codeOf(() => decodeFrame(utf8(text)))).toBe('ERR_MESSAGE');
  });
});

test('the largest SUMM is no longer than a text message may be', () => {
  const ranges = prefixes(MAX_RANGES).map((prefix) => ({ prefix, count: MAX_NUMBER, sum: KEY }));
  const listings = prefixes(MAX_LISTINGS).map((prefix) => ({ prefix, keys: [KEY, KEY] }));
  const wants = repeat(MAX_KEYS, () => KEY);
  expect(encodeMessage(summ({ ranges, listings, wants })).length).toBeLessThanOrEqual(MAX_TEXT_LENGTH);
});

describe('values that are not what their type says', () => {
  test.each<[string, Message]>([
    [
      'a range within the one before it',
      summ({ ranges: ['a', 'a0'].map((prefix) => ({ prefix, count: 0, sum: KEY })) }),
    ],
    ['listings that are not in order', summ({ listings: ['b', 'a'].map((prefix) => ({ prefix, keys: [] })) })],
    ['a prefix longer than a key', summ({ listings: [{ prefix: 'a'.repeat(14), keys: [] }] })],
    ['a key of 12 digits', summ({ wants: ['a'.repeat(12)] })],
    ['a fraction of a byte', fileRecord({ size: 1.5 })],
    ['a negative size', fileRecord({ size: -1 })],
    ['a time that is no number', fileRecord({ modifiedMs: NaN })],
    ['an unpaired surrogate in a name', fileRecord({ name: 'a\ud800' })],
    ['an unpaired surrogate in an address', { type: 'LEFT', node: node(id, { address: 'a\udc00' }) }],
    ['a control character in an address', { type: 'LEFT', node: node(id, { address: 'a\nb' }) }],
    ['an address that its fields would not give back', { type: 'LEFT', node: node(id, { address: 'node.example:0' }) }],
    ['incarnation 0', { type: 'LEFT', node: node(id, { incarnation: 0 }) }],
    ['no writers at all', fileRecord({ version: new Map() })],
    ['a transfer number in capitals', { type: 'DONE', transfer: 'A'.repeat(32) }],
    ['a fraction of a position', { type: 'REQUEST', transfer, position: 0.5, length: 1 }],
    ['a request for nothing', { type: 'REQUEST', transfer, position: 0, length: 0 }],
    ['half a coordinate', conn({ node: node(id, { place: { coordinates: { latitude: NaN, longitude: 0 } } }) })],
    [
      'a statement of another origin',
      { type: 'TIMN', own: { node: node(hex32('b')), files: [statement()] }, others: [] },
    ],
  ])('%s is not sent', (_, message) => {
    expect(codeOf(() => encodeMessage(message))).toBe('ERR_MESSAGE');
  });

  test('milliseconds of a file system that has fractions are rounded down', () => {
    expect(decodeFrame(encodeMessage(fileRecord({ modifiedMs: 1_234.9 })))).toEqual(fileRecord({ modifiedMs: 1_234 }));
  });

  test('coordinates keep six decimals, and a place that says nothing is none', () => {
    const place = { coordinates: { latitude: 48.13715412345, longitude: -1e-9 } };
    expect(decodeFrame(encodeMessage({ type: 'LEFT', node: node(id, { place }) }))).toEqual({
      type: 'LEFT',
      node: node(id, { place: { coordinates: { latitude: 48.137154, longitude: 0 } } }),
    });
    expect(decodeFrame(encodeMessage({ type: 'LEFT', node: node(id, { place: {} }) }))).toEqual({
      type: 'LEFT',
      node: node(id),
    });
  });
});

describe('the length of a text message', () => {
  const address = 'wss://a-node-with-a-long-name.example/peerhold';
  const unknown = (length: number): Uint8Array => utf8(`NEWS^${'x'.repeat(length - 5)}`);

  test('is read up to the limit, also of an unknown type', () => {
    expect(decodeFrame(unknown(MAX_TEXT_LENGTH))).toEqual({ type: 'UNKNOWN', name: 'NEWS' });
    expect(codeOf(() => decodeFrame(unknown(MAX_TEXT_LENGTH + 1)))).toBe('ERR_MESSAGE');
  });

  test('is kept when sending: what does not fit is refused, naming the limit', () => {
    const connections = repeat(MAX_NODES, (index) => node(idOf(index), { address }));
    expect(() => encodeMessage({ type: 'HB', stamp: 0, echo: -1, heldMs: 0, connections })).toThrow(
      /^HB: a text message of \d+ bytes, at most 65536 are allowed$/,
    );
  });

  test('heartbeatNodes leaves out the last of what does not fit', () => {
    const all = repeat(2_000, (index) => node(idOf(index), { address }));
    const connections = heartbeatNodes(all);
    const frame = encodeMessage({ type: 'HB', stamp: MAX_NUMBER, echo: MAX_NUMBER, heldMs: MAX_NUMBER, connections });
    expect(frame.length).toBeGreaterThan(MAX_TEXT_LENGTH - 150);
    expect(connections).toEqual(all.slice(0, connections.length));
    expect(heartbeatNodes(all.slice(0, 3))).toHaveLength(3);
  });
});

test('a frame of the greatest length is looked at, one byte more is not', () => {
  const unknown = new Uint8Array(MAX_FRAME_LENGTH + 1).fill(0x1f);
  expect(decodeFrame(unknown.subarray(1))).toEqual({ type: 'UNKNOWN', name: '0x1f' });
  expect(codeOf(() => decodeFrame(unknown))).toBe('ERR_MESSAGE');
});

test('an unknown binary type is named by its byte', () => {
  expect(decodeFrame(Uint8Array.of(0x1f, 1, 2))).toEqual({ type: 'UNKNOWN', name: '0x1f' });
  expect(decodeFrame(Uint8Array.of(0))).toEqual({ type: 'UNKNOWN', name: '0x00' });
});

test('the bytes of DATA are a view of the frame, wherever in its buffer it lies', () => {
  const frame = encodeMessage({ type: 'DATA', transfer, position: 2 ** 40, bytes: Uint8Array.of(1, 2, 3) });
  const shifted = new Uint8Array(frame.length + 5).subarray(5);
  shifted.set(frame);
  const decoded = decodeFrame(shifted);
  expect(decoded).toMatchObject({ type: 'DATA', transfer, position: 2 ** 40 });
  expect(decoded.type === 'DATA' && decoded.bytes.buffer === shifted.buffer).toBe(true);
});

test('the worst of frames are read or refused in a time that grows no faster than they do', () => {
  const fill = (text: string): Uint8Array => utf8(text.repeat(MAX_TEXT_LENGTH).slice(0, MAX_TEXT_LENGTH - 40));
  const prefixes = [
    '',
    'TIMN^',
    `SUMM^${'0'.repeat(16)}^0^512^`,
    'HB^0&-1&0^1024^',
    'FILE^',
    'FILE^a^^1^1^ann^',
    `CONN^&0&${id}&1^0^ann^0^`,
    `LEFT^&0&${id}&1^`,
  ];
  const fillings = [
    '^',
    '&',
    '%',
    '%25',
    '%F0%9F%92%BE',
    'a/',
    '../',
    ',',
    '1',
    `${id}:1,`,
    '\u{1f4be}',
    '\u200d',
    ' ',
    ':',
  ];
  for (const prefix of prefixes) {
    for (const filling of fillings) {
      const frame = Uint8Array.from([...utf8(prefix), ...fill(filling)].slice(0, MAX_TEXT_LENGTH));
      // Anything quadratic takes tens of seconds at this length; what is left of the bound is for a busy machine.
      const started = performance.now();
      codeOf(() => decodeFrame(frame));
      expect({ prefix, filling, fast: performance.now() - started < 2_000 }).toEqual({ prefix, filling, fast: true });
    }
  }
});
