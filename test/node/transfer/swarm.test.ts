import { createPieceHolders } from './support/holders.ts';
import { expectContent } from './support/expectations.ts';
import { idOf, type TestNetwork, type TestNode } from './support/test-network.ts';

const PIECE_LENGTH = 32 * 1_024;
const SIZE = 512 * PIECE_LENGTH;
/** 10 MB/s, 10 ms each way. */
const LINE = { bytesPerSecond: 10e6, delayMs: 10 };

interface Run {
  readonly ms: number;
  readonly fetcher: TestNode;
  readonly ids: readonly string[];
  /** Bytes the holders sent, in all. */
  readonly sent: number;
}

/** What is done to the first holder: before it is asked, and half way through. */
interface Spoiling {
  readonly before?: (first: TestNode, network: TestNetwork) => void;
  readonly half?: (first: TestNode) => void;
}

/** Fetches 16 MiB from so many holders, each behind a line of its own. */
async function run(holders: number, { half, before }: Spoiling = {}): Promise<Run> {
  const { network, fetcher, bytes, record, ids, sources } = createPieceHolders({
    size: SIZE,
    holders,
    pieceLength: PIECE_LENGTH,
    line: LINE,
    settings: { transferWindow: 8 * 1_024 * 1_024 },
  });
  before?.(sources[0]!, network);
  let isHalf = false;
  const start = network.clock.now();
  const fetched = fetcher.transfers.fetch(record, ids, {
    onProgress: ({ received }) => {
      if (received < SIZE / 2 || isHalf) return;
      isHalf = true;
      half?.(sources[0]!);
    },
  });
  await network.until(fetched, { stepMs: 10 });
  const ms = network.clock.now() - start;
  // The holders hear of the end.
  await network.clock.advance(100);
  expectContent(fetcher, record.name, bytes);
  const uploads = sources.flatMap(({ logger }) => logger.named('transfer.upload_ended'));
  const sent = uploads.reduce((sum, { fields }) => sum + Number(fields['bytes']), 0);
  return { ms, fetcher, ids, sent };
}

let one: Run;
let three: Run;
let four: Run;

beforeAll(async () => {
  one = await run(1);
  three = await run(3);
  four = await run(4);
});

test('one source of 10 MB/s is used fully', () => {
  expect(SIZE / 10e6 / (one.ms / 1_000)).toBeGreaterThan(0.95);
});

test('four sources of 10 MB/s each are at least 3.6 times as fast as one', () => {
  expect(one.ms / four.ms).toBeGreaterThan(3.6);
});

test('four sources are asked for hardly anything twice', () => {
  expect(four.sent).toBeLessThan(SIZE * 1.05);
});

test('one of four that freezes half way costs no more than a fifth beyond what three need', async () => {
  const frozen = await run(4, { half: ({ files }) => (files.onRead = () => new Promise(() => undefined)) });
  expect(frozen.ms / three.ms).toBeLessThan(1.2);
});

test('one of four that vanishes half way costs no more than a tenth beyond what three need', async () => {
  const lost = await run(4, { half: ({ transfers }) => void transfers.close() });
  expect(lost.ms / three.ms).toBeLessThan(1.1);
});

test('one of four that flips bits in 1 % of its pieces is named, and costs less than a third', async () => {
  let reads = 0;
  const before = ({ files }: TestNode) => {
    files.onRead = (bytes) =>
      ++reads % 100 === 0 ? bytes.map((byte, index) => (index === 7 ? byte ^ 1 : byte)) : bytes;
  };
  const { fetcher, ids, ms } = await run(4, { before });
  expect(fetcher.logger.named('transfer.piece_rejected').map(({ fields }) => fields['peer'])).toEqual([ids[0]]);
  expect(ms / four.ms).toBeLessThan(1.3);
});

test('the last of four, with a hundredth of the rate of the others, is not waited for', async () => {
  const slow = await run(4, { before: (_, network) => network.limit(idOf(5), { ...LINE, bytesPerSecond: 100e3 }) });
  expect(slow.ms / three.ms).toBeLessThan(1.2);
});
