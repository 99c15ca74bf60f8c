import { thrownCode } from '../support/thrown-code.ts';
import { FrameDecoder, encodeMark, frameHeader } from '../../src/kit/frame-decoder.ts';

const LIMIT = 200_000;
const CHUNK = 16 * 1024;

function decoding() {
  const heard: (string | Uint8Array)[] = [];
  const decoder = new FrameDecoder(LIMIT, { frame: (frame) => heard.push(frame), mark: (mark) => heard.push(mark) });
  return { heard, decoder };
}

describe('FrameDecoder', () => {
  test.each([1, 2, 3, 4, 5, 1_000])('finds frames and marks in chunks of %d bytes', (step) => {
    const { heard, decoder } = decoding();
    const bytes = Buffer.from('00000000' + '00000003010203' + 'ffffffff' + '00000001ff' + 'fffffffe', 'hex');
    for (let start = 0; start < bytes.length; start += step) decoder.push(bytes.subarray(start, start + step));
    expect(heard).toEqual([new Uint8Array(0), Uint8Array.of(1, 2, 3), 'closing', Uint8Array.of(255), 'received']);
  });

  test('joins a frame that is larger than what is allocated at first, in memory of its own', () => {
    const { heard, decoder } = decoding();
    const frame = Uint8Array.from({ length: LIMIT }, (_, index) => index % 251);
    decoder.push(frameHeader(LIMIT));
    for (let start = 0; start < LIMIT; start += 7_777) decoder.push(frame.subarray(start, start + 7_777));
    expect(heard).toEqual([frame]);
    expect((heard[0] as Uint8Array).buffer.byteLength).toBe(LIMIT);
  });

  test.each([LIMIT + 1, 0x8000_0000, 0xffff_fffd])('refuses the length %d', (length) => {
    expect(thrownCode(() => decoding().decoder.push(frameHeader(length)))).toBe('ERR_FRAME_TOO_LARGE');
  });

  test('knows the marks that it writes', () => {
    const { heard, decoder } = decoding();
    decoder.push(encodeMark('closing'));
    decoder.push(encodeMark('received'));
    expect(heard).toEqual(['closing', 'received']);
  });

  test.each([
    ['1 byte', 1, 10],
    ['64 KiB', 64 * 1024, 10],
    // It doubles as more of the first comes, so that an announced length alone costs nothing; the others are known to come.
    ['195 KiB', LIMIT, 12],
  ])('allocates memory for ten frames of %s so often as it has to and no more', (_size, length, times) => {
    const allocated = countAllocations(() => {
      const { heard, decoder } = decoding();
      for (let frame = 0; frame < 10; frame++) {
        decoder.push(frameHeader(length));
        for (let start = 0; start < length; start += CHUNK)
          decoder.push(new Uint8Array(Math.min(CHUNK, length - start)));
      }
      expect(heard).toHaveLength(10);
    });
    expect(allocated).toBe(times);
  });
});

/** How often the decoder takes memory for frames while the work is done. */
function countAllocations(work: () => void): number {
  const real = Buffer.allocUnsafeSlow;
  let count = 0;
  Buffer.allocUnsafeSlow = (length) => {
    count += 1;
    return real(length);
  };
  try {
    work();
  } finally {
    Buffer.allocUnsafeSlow = real;
  }
  return count;
}
