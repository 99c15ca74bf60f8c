import { VirtualClock } from '../../../src/kit/index.ts';
import { SourceRequests } from '../../../src/node/transfer/source-requests.ts';

const KIB = 1_024;
const MIB = KIB * KIB;

const manifest = {
  ...{ name: 'a', checksum: '', hashes: new Uint8Array(), writer: '', version: new Map<string, number>() },
  ...{ size: 64 * MIB, pieceLength: 256 * KIB },
};

/** Requests of a source for pieces of a file of 64 MiB. */
function createRequests({ pieceLength = 256 * KIB, maxRangeLength = 512 * KIB } = {}) {
  const clock = new VirtualClock();
  const requests = new SourceRequests({ clock, maxWindow: 8 * MIB, maxRangeLength });
  const cut = { ...manifest, pieceLength };
  let given = 0;
  /** Gives and asks as long as there is room. */
  const fill = () => {
    const asked = [];
    for (;;) {
      const room = requests.room(pieceLength);
      requests.give(
        cut,
        Array.from({ length: room }, () => given++),
      );
      const request = requests.ask();
      if (request === undefined) return asked;
      asked.push(request);
    }
  };
  return { clock, requests, fill };
}

describe('the requests of a source', () => {
  test('are a window of pieces at first', () => {
    const { fill } = createRequests();
    expect(fill().map(({ piece, length }) => [piece, length])).toEqual([0, 1, 2, 3].map((piece) => [piece, 256 * KIB]));
  });

  test('are ranges where a piece does not fit one message', () => {
    const { fill } = createRequests({ maxRangeLength: 100 * KIB });
    const [first, second, third, fourth] = fill();
    expect([first, second, third, fourth].map((request) => [request?.piece, request?.length])).toEqual([
      [0, 100 * KIB],
      [0, 100 * KIB],
      [0, 56 * KIB],
      [1, 100 * KIB],
    ]);
  });

  test('go on with the next piece before a long one has come', async () => {
    const { clock, requests, fill } = createRequests({ pieceLength: 3 * MIB });
    const open = fill();
    const pieces = new Set<number>();
    for (let turn = 0; turn < 20; turn++) {
      await clock.advance(1);
      const { position, length } = open.shift()!;
      requests.answer(position, new Uint8Array(length));
      open.push(...fill());
      for (const { piece } of open) pieces.add(piece);
      // The path never runs empty.
      expect(open.length).toBeGreaterThan(0);
    }
    expect(pieces.size).toBeGreaterThan(3);
  });

  test('give a piece when its last range came, put together whatever order they came in', () => {
    const { requests, fill } = createRequests({ maxRangeLength: 128 * KIB });
    const [first, second] = fill();
    const half = (byte: number) => new Uint8Array(128 * KIB).fill(byte);
    expect(requests.answer(second!.position, half(2))).toEqual({ piece: 0 });
    const whole = requests.answer(first!.position, half(1))?.whole;
    expect([whole?.length, whole?.[0], whole?.[128 * KIB]]).toEqual([256 * KIB, 1, 2]);
  });

  test('are answered once, and exactly', () => {
    const { requests, fill } = createRequests();
    const [first] = fill();
    expect(requests.answer(1, new Uint8Array(256 * KIB))).toBeUndefined();
    expect(requests.answer(first!.position, new Uint8Array(256 * KIB - 1))).toBeUndefined();
    expect(requests.answer(first!.position, new Uint8Array(256 * KIB))?.whole).toHaveLength(256 * KIB);
    expect(requests.answer(first!.position, new Uint8Array(256 * KIB))).toBeUndefined();
  });

  test('of a piece that came from elsewhere are answered and dropped', () => {
    const { requests, fill } = createRequests();
    const [first] = fill();
    requests.forget(0);
    expect(requests.answer(first!.position, new Uint8Array(256 * KIB))).toEqual({ piece: 0 });
    expect([...requests.pieces]).toEqual([1, 2, 3]);
  });

  describe('ahead of the manifest', () => {
    const one = { ...manifest, size: 16 * KIB };

    test('are those of the only piece there turns out to be', () => {
      const { requests } = createRequests();
      expect(requests.askAhead(16 * KIB)).toEqual({ position: 0, length: 16 * KIB });
      expect(requests.give(one, [0])).toBeUndefined();
      expect(requests.ask()).toBeUndefined();
      expect(requests.answer(0, new Uint8Array(16 * KIB))).toMatchObject({ piece: 0, whole: { length: 16 * KIB } });
    });

    test('are answered when the piece is given, where the answer came first', () => {
      const { requests } = createRequests();
      requests.askAhead(16 * KIB);
      expect(requests.answer(0, new Uint8Array(16 * KIB))).toEqual({});
      expect(requests.give(one, [0])).toMatchObject({ piece: 0, whole: { length: 16 * KIB } });
      expect([requests.ask(), requests.oldestAskedAt]).toEqual([undefined, undefined]);
    });

    test('are answered and dropped where there are several pieces, and nothing that begins there is asked for before', () => {
      const { requests } = createRequests();
      requests.askAhead(16 * KIB);
      requests.give({ ...one, pieceLength: 4 * KIB }, [0, 1]);
      expect(requests.ask()).toBeUndefined();
      expect(requests.answer(0, new Uint8Array(16 * KIB))).toEqual({});
      expect([requests.ask(), requests.ask()]).toMatchObject([{ piece: 0, length: 4 * KIB }, { piece: 1 }]);
    });

    test('are of no piece that could be late', async () => {
      const { clock, requests } = createRequests();
      requests.askAhead(16 * KIB);
      await clock.advance(10_000);
      expect([requests.isLate, requests.latePieces().size]).toEqual([true, 0]);
    });
  });
});
