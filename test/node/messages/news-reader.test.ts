import fc from 'fast-check';
import { decodeFrame, encodeMessage } from '../../../src/node/messages/codec.ts';
import type { DecodedFrame, JoinMessage } from '../../../src/node/messages/message.ts';
import { NewsReader } from '../../../src/node/messages/news-reader.ts';
import { thrownBy } from '../../support/thrown-by.ts';
import { arbitraryMessage, hex32, node, record, statement } from './samples.ts';

const others = [{ node: node(hex32('a')), files: [statement()] }];
const join = (over: Partial<JoinMessage> = {}) => {
  const message: JoinMessage = { type: 'JOIN', own: { node: node(hex32('b')), files: [] }, others, ...over };
  return encodeMessage(message);
};
const file = (name: string) => encodeMessage({ type: 'FILE', statement: statement({ record: record({ name }) }) });
const bytes = (text: string) => new TextEncoder().encode(text);
const othersOf = (message: DecodedFrame) => (message.type === 'JOIN' ? message.others : undefined);

describe('the reader of news', () => {
  test('reads any frames, once or again, as they are read one by one', () => {
    const frames = fc.array(fc.tuple(arbitraryMessage, fc.integer({ min: 1, max: 3 })), { maxLength: 12 });
    fc.assert(
      fc.property(frames, (sent) => {
        const reader = new NewsReader();
        for (const [message, repeats] of sent) {
          const frame = encodeMessage(message);
          for (let repeat = 0; repeat < repeats; repeat++) expect(reader.decode(frame)).toEqual(decodeFrame(frame));
        }
      }),
    );
  });

  test('reads once what several neighbours pass on, and each by its own record', () => {
    const reader = new NewsReader();
    const first = reader.decode(join());
    const frame = join({ own: { node: node(hex32('c')), files: [] } });
    const second = reader.decode(frame);
    expect(second).toEqual(decodeFrame(frame));
    expect(othersOf(second)).toBe(othersOf(first));
    expect(reader.decode(file('a'))).toBe(reader.decode(file('a')));
  });

  test('reads a JOIN whole that tells of files of the neighbour itself', () => {
    const reader = new NewsReader();
    const own = { node: node(hex32('a')), files: [statement()] };
    for (const frame of [join({ own }), join(), join({ own })])
      expect(reader.decode(frame)).toEqual(decodeFrame(frame));
  });

  test.each(['JOIN', 'JOIN^', 'JOIN^x^0', 'JOIN^x^0^', 'JOIN^x^0^1', 'JOIN^x^00^0', 'FILE', 'FILE^', 'FILE^a'])(
    'refuses %s with the same words, again and again',
    (text) => {
      const reader = new NewsReader();
      const { message } = thrownBy(() => decodeFrame(bytes(text)));
      for (let time = 0; time < 2; time++) expect(thrownBy(() => reader.decode(bytes(text))).message).toBe(message);
    },
  );

  test('refuses a neighbour that misspells itself before news that is known', () => {
    const reader = new NewsReader();
    reader.decode(join());
    const tail = Buffer.from(join()).toString().split('^0^')[1] ?? '';
    const wrong = bytes(`JOIN^nobody^0^${tail}`);
    expect(thrownBy(() => reader.decode(wrong)).message).toBe(thrownBy(() => decodeFrame(wrong)).message);
  });

  test('remembers a few things only, the latest', () => {
    const reader = new NewsReader();
    const first = reader.decode(file('first'));
    for (let number = 0; number < 7; number++) reader.decode(file(`${number}`));
    expect(reader.decode(file('first'))).toBe(first);
    reader.decode(file('one more'));
    expect(reader.decode(file('first'))).not.toBe(first);
  });

  test('remembers no more than it may in bytes', () => {
    const reader = new NewsReader();
    const large = (digit: string) => {
      const files = Array.from({ length: 150 }, (_, at) => statement({ record: record({ name: `${digit}${at}` }) }));
      return join({ others: [{ node: node(hex32('a')), files }] });
    };
    const first = othersOf(reader.decode(large('1')));
    expect(othersOf(reader.decode(large('1')))).toBe(first);
    reader.decode(large('2'));
    reader.decode(large('3'));
    expect(othersOf(reader.decode(large('1')))).not.toBe(first);
  });
});
