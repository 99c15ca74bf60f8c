import type { Address, Cipher, Clock, NeighbourPriority, PieceStrategy, Random, Transport } from '../kernel/index.ts';

/** How much of something a plugin does in a second. */
export interface Throughput {
  readonly perSecond: number;
  /** What is counted: `bytes`, or the plural of an operation. */
  readonly unit: string;
}

const MEASURE_MS = 500;
/** A usual piece, and a usual record: what the node sends most. */
const FRAME_LENGTH = 64 * 1024;
const NEIGHBOURS = 2_000;
const PIECES = 4_096;
const PIECES_ASKED = 16;

/** One connection, one direction, frames of 64 KiB, received and counted. */
export async function transportRate(
  create: () => Promise<Transport>,
  address: Address,
  clock: Clock,
): Promise<Throughput> {
  await using listener = await (await create()).listen(address);
  const accepting = listener[Symbol.asyncIterator]().next();
  const near = await (await create()).dial(listener.address);
  const far = (await accepting).value as typeof near;
  const frame = new Uint8Array(FRAME_LENGTH);
  const started = clock.now();
  const sending = (async () => {
    while (clock.now() - started < MEASURE_MS) await near.send(frame);
    await near.close();
  })();
  let bytes = 0;
  for await (const { length } of far) bytes += length;
  const seconds = (clock.now() - started) / 1_000;
  await Promise.all([sending, far.close()]);
  return { perSecond: bytes / seconds, unit: 'bytes' };
}

/** Records of 64 KiB, sealed and opened on one thread. */
export function cipherRate(cipher: Cipher, clock: Clock): Throughput {
  const key = new Uint8Array(cipher.keyLength);
  const [sealer, opener] = [cipher.create(key), cipher.create(key)];
  const plaintext = new Uint8Array(FRAME_LENGTH);
  let sequence = 0n;
  const rounds = repeat(clock, () => opener.open(sequence, sealer.seal(sequence++, plaintext)));
  return { perSecond: rounds * FRAME_LENGTH, unit: 'bytes' };
}

/** Neighbours of a large set scored anew: each a removal and an insertion. */
export function neighbourPriorityRate(set: NeighbourPriority, world: { clock: Clock; random: Random }): Throughput {
  const scores = Array.from({ length: NEIGHBOURS }, () => world.random.fraction());
  scores.forEach((score, index) => set.insert({ score, id: String(index) }));
  let next = 0;
  const perSecond = repeat(world.clock, () => {
    const index = next++ % NEIGHBOURS;
    const id = String(index);
    set.remove({ score: scores[index] ?? 0, id });
    const score = world.random.fraction();
    scores[index] = score;
    set.insert({ score, id });
  });
  return { perSecond, unit: 'changes of a score' };
}

/** The next pieces chosen, early in the download of a large file. */
export function pieceStrategyRate(strategy: PieceStrategy, clock: Clock): Throughput {
  const candidates = Array.from({ length: PIECES }, (_, piece) => piece);
  const view = { pieceCount: PIECES, candidates, availability: (piece: number) => 1 + (piece % 5) };
  return { perSecond: repeat(clock, () => strategy.select(view, PIECES_ASKED)), unit: 'choices' };
}

/** How often in a second the work can be done. */
function repeat(clock: Clock, work: () => void): number {
  const started = clock.now();
  let rounds = 0;
  for (;;) {
    work();
    rounds++;
    const elapsed = clock.now() - started;
    if (elapsed >= MEASURE_MS) return (rounds * 1_000) / elapsed;
  }
}
