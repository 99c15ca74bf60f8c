import fc from 'fast-check';
import { encodeMessage } from '../../../src/node/messages/codec.ts';
import { describeFrame } from '../../../src/node/messages/describe-frame.ts';
import { arbitraryMessage, hex32, node, record, statement } from './samples.ts';

const transfer = hex32('7');
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('describeFrame', () => {
  test('DATA shows its range and transfer number, never its bytes', () => {
    const bytes = utf8('secret content');
    const fields = describeFrame(encodeMessage({ type: 'DATA', transfer, position: 4_096, bytes }));
    expect(fields).toEqual({ type: 'DATA', size: 39, transfer, position: 4_096, length: 14 });
    expect(JSON.stringify(fields)).not.toContain('secret');
  });

  test('TIMN shows how many nodes and files it tells of', () => {
    const own = { node: node(hex32('a')), files: [statement(), statement({ sequence: 2 })] };
    const other = { node: node(hex32('b')), files: [statement({ origin: hex32('b') })] };
    const frame = encodeMessage({ type: 'TIMN', own, others: [other] });
    expect(describeFrame(frame)).toEqual({ type: 'TIMN', size: frame.length, nodes: 2, files: 3 });
  });

  test('a file name is escaped, so that it can be printed', () => {
    const frame = encodeMessage({ type: 'FILE', statement: statement({ record: record({ name: 'a\u001b[2J' }) }) });
    expect(describeFrame(frame)).toMatchObject({ type: 'FILE', name: 'a\\u{1b}[2J', origin: hex32('a'), sequence: 1 });
  });

  test('an unknown type shows its name', () => {
    expect(describeFrame(utf8('NEWS^1'))).toEqual({ type: 'UNKNOWN', size: 6, name: 'NEWS' });
  });

  test('a malformed frame is described as that', () => {
    expect(describeFrame(utf8('FILE^..'))).toEqual({
      type: 'MALFORMED',
      size: 7,
      code: 'ERR_MESSAGE',
      problem: 'FILE: name: ".." holds the part ".."',
    });
    expect(describeFrame(new Uint8Array())).toMatchObject({ type: 'MALFORMED', size: 0 });
  });

  test('every message is described by its type and size', () => {
    fc.assert(
      fc.property(arbitraryMessage, (message) => {
        const frame = encodeMessage(message);
        expect(describeFrame(frame)).toMatchObject({ type: message.type, size: frame.length });
      }),
    );
  });

  test('garbage never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (frame) => {
        expect(describeFrame(frame)['size']).toBe(frame.length);
      }),
    );
  });
});
