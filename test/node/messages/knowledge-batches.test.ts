import fc from 'fast-check';
import { decodeFrame, encodeMessage } from '../../../src/node/messages/codec.ts';
import { knowledgeBatches, type KnowledgeSource } from '../../../src/node/messages/knowledge-batches.ts';
import {
  MAX_COUNTER,
  MAX_NODES,
  MAX_NUMBER,
  MAX_TEXT_LENGTH,
  MAX_TIME_MS,
  MAX_WRITERS,
} from '../../../src/node/messages/limits.ts';
import type { FileStatement } from '../../../src/node/records.ts';
import { arbitraryKnowledge, hex32, node, record, statement } from './samples.ts';

const own = node(hex32('a'));

function* statements(count: number, origin = own.id): Generator<FileStatement> {
  for (let index = 0; index < count; index += 1) {
    yield statement({ origin, sequence: index, record: record({ name: `folder/file ${index} ^&%.txt` }) });
  }
}

const batches = (source: KnowledgeSource, others: Iterable<KnowledgeSource> = []) => [
  ...knowledgeBatches({ type: 'TIMN', own: source, others }),
];

describe('knowledgeBatches', () => {
  test('a node that knows nobody and has nothing sends one message', () => {
    expect(batches({ node: own, files: [] })).toEqual([{ type: 'TIMN', own: { node: own, files: [] }, others: [] }]);
  });

  test('a thousand files go out in few messages within the limit, each once and in order', () => {
    const messages = batches({ node: own, files: statements(1_000) });
    expect(messages.map((message) => encodeMessage(message).length).every((length) => length <= MAX_TEXT_LENGTH)).toBe(
      true,
    );
    expect(messages.flatMap((message) => message.own.files)).toEqual([...statements(1_000)]);
    expect(messages.length).toBeLessThan(7);
  });

  test('every message but the last is nearly full', () => {
    const lengths = batches({ node: own, files: statements(1_000) }).map((message) => encodeMessage(message).length);
    expect(Math.min(...lengths.slice(0, -1))).toBeGreaterThan(MAX_TEXT_LENGTH - 400);
  });

  test('each message begins with our own record, and a node is repeated before its next files', () => {
    const other = node(hex32('b'));
    const messages = batches({ node: own, files: [] }, [{ node: other, files: statements(1_000, other.id) }]);
    expect(messages.length).toBeGreaterThan(1);
    expect(new Set(messages.map((message) => message.own.node))).toEqual(new Set([own]));
    expect(messages.map((message) => message.others.map((knowledge) => knowledge.node))).toEqual(
      messages.map(() => [other]),
    );
  });

  test('a node without files is told of', () => {
    const others = Array.from({ length: 3_000 }, (_, index) =>
      node(index.toString(16).padStart(32, '0'), { address: '' }),
    );
    const messages = batches(
      { node: own, files: [] },
      others.map((stands) => ({ node: stands, files: [] })),
    );
    expect(messages.flatMap((message) => message.others.map((knowledge) => knowledge.node))).toEqual(others);
    expect(Math.max(...messages.map((message) => message.others.length))).toBeLessThanOrEqual(MAX_NODES);
    for (const message of messages) encodeMessage(message);
  });

  test('reads its sources only as messages are taken', () => {
    let taken = 0;
    function* endless(): Generator<FileStatement> {
      for (const file of statements(Infinity)) {
        taken += 1;
        yield file;
      }
    }
    const messages = knowledgeBatches({ type: 'JOIN', own: { node: own, files: endless() }, others: [] });
    expect(taken).toBe(0);
    for (const message of messages) {
      expect(message.type).toBe('JOIN');
      break;
    }
    expect(taken).toBeLessThan(1_000);
  });

  test('the longest statement there can be fits between the longest records', () => {
    const longest = {
      address: '^'.repeat(255),
      incarnation: MAX_NUMBER,
      place: { coordinates: { latitude: -89.999999, longitude: -179.999999 }, zone: 'z'.repeat(32) },
    };
    const [first, second] = [node(hex32('a'), longest), node(hex32('b'), longest)];
    const version = new Map(
      Array.from({ length: MAX_WRITERS }, (_, index) => [index.toString(16).padStart(32, '0'), MAX_COUNTER]),
    );
    const name = Array.from({ length: 5 }, () => '^'.repeat(204)).join('/');
    const files = Array.from({ length: 20 }, () =>
      statement({
        origin: second.id,
        incarnation: MAX_NUMBER,
        sequence: MAX_NUMBER,
        record: record({ name, version, size: MAX_NUMBER, modifiedMs: -MAX_TIME_MS, user: 'u'.repeat(32) }),
      }),
    );
    const messages = batches({ node: first, files: [] }, [{ node: second, files }]);
    expect(messages.flatMap((message) => message.others).flatMap((knowledge) => knowledge.files)).toHaveLength(20);
    expect(Math.max(...messages.map((message) => encodeMessage(message).length))).toBeLessThanOrEqual(MAX_TEXT_LENGTH);
  });

  test('whatever the names, nothing is lost and every message can be read', () => {
    const many = fc.tuple(arbitraryKnowledge, fc.array(arbitraryKnowledge, { maxLength: 30 }));
    fc.assert(
      fc.property(many, ([source, others]) => {
        const repeated = others.map(({ node: stands, files }) => ({
          node: stands,
          files: files.flatMap((file) => Array.from({ length: 20 }, () => file)),
        }));
        const messages = batches(source, repeated);
        for (const message of messages) expect(decodeFrame(encodeMessage(message))).toEqual(message);
        const told = messages.flatMap((message) => message.others.flatMap((knowledge) => knowledge.files));
        expect(told).toEqual(repeated.flatMap((knowledge) => knowledge.files));
      }),
      { numRuns: 25 },
    );
  });
});
