import fc from 'fast-check';
import type { Message } from '../../../src/node/messages/message.ts';
import type { FileRecord, FileStatement, NodeRecord } from '../../../src/node/records.ts';
import { nameProblem } from '../../../src/node/messages/file-name.ts';
import { MAX_COUNTER, MAX_NUMBER, MAX_RANGE_LENGTH, MAX_TIME_MS } from '../../../src/node/messages/limits.ts';
import { MAX_MANIFEST_LENGTH } from '../../../src/node/pieces/manifest.ts';

/** A node id, transfer number or, twice, a checksum made of one digit. */
export const hex32 = (digit: string): string => digit.repeat(32);

/** A node record of no interest but its id. */
export function node(id: string, over: Partial<NodeRecord> = {}): NodeRecord {
  return { id, address: '192.0.2.7:4000', incarnation: 1, ...over };
}

export function record(over: Partial<FileRecord> = {}): FileRecord {
  return {
    name: 'a.txt',
    checksum: 'c'.repeat(64),
    size: 1,
    modifiedMs: 1_000,
    user: 'ann',
    writer: hex32('a'),
    version: new Map([[hex32('a'), 1]]),
    manifest: '',
    ...over,
  };
}

export function statement(over: Partial<FileStatement> = {}): FileStatement {
  return { origin: hex32('a'), incarnation: 1, sequence: 1, held: true, record: record(), ...over };
}

const hexDigits = (length: number) =>
  fc.uint8Array({ minLength: length / 2, maxLength: length / 2 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const id = hexDigits(32);
const label = fc.stringMatching(/^[A-Za-z0-9._-]{1,32}$/);
const whole = fc.oneof(fc.nat(), fc.integer({ min: 0, max: MAX_NUMBER }));
const incarnation = fc.integer({ min: 1, max: MAX_NUMBER });

/** One code point: any. Not fast-check's own, which tabulates all million of them for each string that is made of them. */
const codePoint = fc.integer({ min: 0, max: 0x10_ffff }).filter((code) => code < 0xd800 || code > 0xdfff);

/** Any name that is allowed, with separators, percent signs, control characters, emoji and combining marks among them. */
export const arbitraryName = fc
  .array(
    fc.string({
      unit: fc.oneof(
        fc.constantFrom('^', '&', '%', '\\', ':', '\n', '\u0085', '💾'),
        codePoint.map((code) => String.fromCodePoint(code)),
      ),
      minLength: 1,
      maxLength: 40,
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => parts.join('/'))
  .filter((name) => nameProblem(name) === undefined);

const arbitraryAddress = fc.oneof(
  fc.constantFrom('', 'wss://node.example/path^&%', '/run/peerhold.sock', '[2001:db8::1]:65535', 'node.example:80'),
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 65_535 })).map(([ip, port]) => `${ip}:${port}`),
);

const degrees = (limit: number) =>
  fc.integer({ min: -limit * 1e6, max: limit * 1e6 }).map((millionths) => Number((millionths / 1e6).toFixed(6)) + 0);
const coordinates = fc.record({ latitude: degrees(90), longitude: degrees(180) });
const place = fc.oneof(fc.record({ coordinates }), fc.record({ zone: label }), fc.record({ coordinates, zone: label }));

const arbitraryNode: fc.Arbitrary<NodeRecord> = fc
  .record({ id, address: arbitraryAddress, incarnation, place: fc.option(place) })
  .map(({ place: stands, ...rest }) => ({ ...rest, ...(stands === null ? {} : { place: stands }) }));

const version = fc
  .uniqueArray(fc.tuple(id, fc.integer({ min: 1, max: MAX_COUNTER })), {
    selector: ([key]) => key,
    minLength: 1,
    maxLength: 5,
  })
  .map((entries) => new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1))));

const arbitraryRecord: fc.Arbitrary<FileRecord> = fc.record({
  name: arbitraryName,
  checksum: fc.oneof(fc.constant(''), hexDigits(64)),
  size: whole,
  modifiedMs: fc.integer({ min: -MAX_TIME_MS, max: MAX_TIME_MS }),
  user: label,
  writer: id,
  version,
  manifest: fc.oneof(fc.constant(''), hexDigits(64)),
});

/** Any file statement a node may send. */
export const arbitraryStatement: fc.Arbitrary<FileStatement> = fc.record({
  origin: id,
  incarnation,
  sequence: whole,
  held: fc.boolean(),
  part: fc.option(fc.constant(true), { nil: undefined }),
  replica: fc.option(fc.constant(true), { nil: undefined }),
  record: arbitraryRecord,
});

/** Any node with statements of its own. */
export const arbitraryKnowledge = fc
  .tuple(arbitraryNode, fc.array(arbitraryStatement, { maxLength: 3 }))
  .map(([stands, files]) => ({ node: stands, files: files.map((file) => ({ ...file, origin: stands.id })) }));

const knowledge = { own: arbitraryKnowledge, others: fc.array(arbitraryKnowledge, { maxLength: 3 }) };
const position = fc.integer({ min: 0, max: MAX_NUMBER - MAX_RANGE_LENGTH });

const KEY = '0123456789abc';
/** Disjoint ranges of keys, in order. */
const prefixes = fc
  .uniqueArray(fc.constantFrom('0', '1', '2f', 'a0', 'a1', 'fedcba9876543'), { maxLength: 6 })
  .map((all) => all.sort());

/** Any message there is. */
export const arbitraryMessage: fc.Arbitrary<Message> = fc.oneof<fc.Arbitrary<Message>[]>(
  fc.record({
    type: fc.constant('CONN' as const),
    node: arbitraryNode,
    recovery: fc.boolean(),
    user: label,
    minorVersion: fc.integer({ min: 0, max: 65_535 }),
    features: fc.array(fc.stringMatching(/^[a-z0-9-]{1,32}$/), { maxLength: 4 }),
  }),
  fc.record({ type: fc.constant('TIMN' as const), ...knowledge }),
  fc.record({ type: fc.constant('JOIN' as const), ...knowledge }),
  fc.record({
    type: fc.constant('HB' as const),
    stamp: whole,
    echo: fc.oneof(fc.constant(-1), whole),
    heldMs: whole,
    connections: fc.array(arbitraryNode, { maxLength: 4 }),
  }),
  fc.record({ type: fc.constant('FILE' as const), statement: arbitraryStatement }),
  fc.record({
    type: fc.constant('SMFX' as const),
    address: arbitraryAddress,
    name: arbitraryName,
    transfer: id,
    checksum: fc.oneof(fc.constant(''), hexDigits(64)),
    parts: fc.boolean(),
  }),
  fc.record({ type: fc.constant('SDFX' as const), address: arbitraryAddress, transfer: id, record: arbitraryRecord }),
  fc.record({
    type: fc.constantFrom('KEEP' as const, 'DROP' as const),
    address: arbitraryAddress,
    transfer: id,
    record: arbitraryRecord,
  }),
  fc.record({ type: fc.constant('SUSP' as const), nodes: fc.array(arbitraryNode, { maxLength: 4 }) }),
  fc.record({
    type: fc.constant('SUMM' as const),
    seed: hexDigits(16),
    more: fc.boolean(),
    ranges: prefixes.map((all) => all.map((prefix, index) => ({ prefix, count: index, sum: KEY }))),
    listings: prefixes.map((all) => all.map((prefix, index) => ({ prefix, keys: Array<string>(index).fill(KEY) }))),
    wants: fc.array(fc.constant(KEY), { maxLength: 4 }),
  }),
  fc.record({ type: fc.constant('BYEF' as const), node: arbitraryNode }),
  fc.record({ type: fc.constant('LEFT' as const), node: arbitraryNode }),
  fc.record({ type: fc.constant('FULL' as const), alternatives: fc.array(arbitraryNode, { maxLength: 4 }) }),
  fc.record({
    type: fc.constant('REQUEST' as const),
    transfer: id,
    position,
    length: fc.integer({ min: 1, max: MAX_RANGE_LENGTH }),
  }),
  fc.record({
    type: fc.constant('DATA' as const),
    transfer: id,
    position,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }),
  }),
  fc.record({ type: fc.constant('REFUSE' as const), transfer: id, code: fc.stringMatching(/^[A-Z][A-Z0-9_]{0,63}$/) }),
  fc.record({ type: fc.constant('DONE' as const), transfer: id }),
  fc.record({
    type: fc.constant('MANIFEST_REQUEST' as const),
    transfer: id,
    position,
    length: fc.integer({ min: 1, max: MAX_RANGE_LENGTH }),
    manifest: hexDigits(64),
  }),
  fc.record({
    type: fc.constant('MANIFEST' as const),
    transfer: id,
    position: fc.nat({ max: 1_000 }),
    total: fc.integer({ min: 1_064, max: MAX_MANIFEST_LENGTH }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }),
  }),
  fc.record({
    type: fc.constant('HAVE' as const),
    transfer: id,
    first: fc.nat({ max: 8_191 - 64 }).map((byte) => byte * 8),
    bitmap: fc.uint8Array({ maxLength: 64 }),
  }),
);
