import fc from 'fast-check';
import { LineSplitter } from '../../src/cli/read-lines.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('LineSplitter', () => {
  test('gives the same lines however the bytes are cut', () => {
    const text = 'GET naïve 😀.txt\r\n\nLIST\nlast';
    fc.assert(
      fc.property(fc.array(fc.nat(bytes(text).length)), (cuts) => {
        const splitter = new LineSplitter();
        const ends = [...cuts.sort((a, b) => a - b), bytes(text).length];
        const lines = ends.flatMap((end, index) => splitter.push(bytes(text).subarray(ends[index - 1] ?? 0, end)));
        expect([...lines, ...splitter.end()]).toEqual(['GET naïve 😀.txt', '', 'LIST', 'last']);
      }),
    );
  });

  test('puts one ERR_LIMIT in the place of a line that is too long, and goes on after it', () => {
    const splitter = new LineSplitter(10);
    const lines = [
      ...splitter.push(bytes('0123456789a')),
      ...splitter.push(bytes('bc'.repeat(50))),
      ...splitter.push(bytes('\nok\n')),
    ];
    expect(lines).toEqual([expect.objectContaining({ code: 'ERR_LIMIT' }), 'ok']);
  });

  test('takes a line of just the limit', () => {
    expect(new LineSplitter(10).push(bytes('0123456789\n'))).toEqual(['0123456789']);
  });

  test('has nothing left after an input that ends with a line end', () => {
    const splitter = new LineSplitter();
    splitter.push(bytes('LIST\n'));
    expect(splitter.end()).toEqual([]);
  });
});
