import { MAX_FRAME_LENGTH, errorCode } from '../../src/kernel/index.ts';
import { decodeFrame, encodeMessage } from '../../src/node/messages/codec.ts';
import * as limits from '../../src/node/messages/limits.ts';
import { pageExamples, pageTable, parseFrame, protocolPage } from './protocol-page.ts';

const page = protocolPage();
const examples = pageExamples(page);
const malformed = pageTable(page, 'malformed frame');

const inHex = (frame: Uint8Array): string => Buffer.from(frame).toString('hex');

function refusalOf(frame: Uint8Array): { readonly code: string | undefined; readonly message: string } {
  try {
    return { code: undefined, message: `read as ${decodeFrame(frame).type}` };
  } catch (error) {
    return { code: errorCode(error), message: (error as Error).message };
  }
}

describe('the examples of docs/protocol.md', () => {
  test.each(examples)('$title: encoding the message gives the frame', ({ message, frame }) => {
    expect(inHex(encodeMessage(message))).toBe(inHex(frame));
  });

  test.each(examples)('$title: decoding the frame gives the message', ({ message, frame }) => {
    expect(decodeFrame(frame)).toEqual(message);
  });

  test.each(examples.flatMap(({ message, also }) => also.map((frame) => ({ frame, message }))))(
    '$frame is read as what has an example of its own',
    ({ frame, message }) => {
      expect(decodeFrame(parseFrame(frame))).toEqual(message);
    },
  );

  test('every message has one, and the test reads all of them', () => {
    const types = [
      'CONN',
      'TIMN',
      'SUMM',
      'JOIN',
      'HB',
      'FILE',
      'SMFX',
      'SDFX',
      'KEEP',
      'DROP',
      'SUSP',
      'BYEF',
      'LEFT',
      'FULL',
      'REQUEST',
      'DATA',
      'REFUSE',
      'DONE',
      'MANIFEST_REQUEST',
      'MANIFEST',
      'HAVE',
    ];
    expect([...new Set(examples.map(({ message }) => message.type))]).toEqual(types);
    expect(examples).toHaveLength(page.match(/^```json$/gm)?.length ?? 0);
    expect(examples.flatMap(({ also }) => also)).toHaveLength(9);
  });
});

describe('the malformed frames of docs/protocol.md', () => {
  test.each(malformed)('%s', (frame = '', error = '') => {
    const { code, message } = refusalOf(parseFrame(frame));
    expect(message.slice(0, error.length)).toBe(error);
    expect(code).toBe('ERR_MESSAGE');
  });

  test('there are some for every kind of message', () => {
    const types = new Set(malformed.map(([, error = '']) => error.split(':')[0]));
    expect(types).toEqual(
      new Set([
        'frame',
        'FILE',
        'SMFX',
        'BYEF',
        'HB',
        'TIMN',
        'SUMM',
        'CONN',
        'SUSP',
        'FULL',
        'REQUEST',
        'DATA',
        'REFUSE',
        'DONE',
        'MANIFEST_REQUEST',
        'MANIFEST',
        'HAVE',
      ]),
    );
  });
});

test('the limits of docs/protocol.md are those of the code, all of them', () => {
  const listed = pageTable(page, 'limit').map(([name = '', value = '']) => [name, Number(value.replaceAll(',', ''))]);
  expect(Object.fromEntries(listed)).toEqual({ MAX_FRAME_LENGTH, ...limits });
});
