import type { LinkConditions } from '../../../../src/sim/impairment/link-conditions.ts';
import { manifestOf, recordOf } from './memory-files.ts';
import { PIECE, TestNetwork } from './test-network.ts';

/** A network of a fetcher (1) and holders (2, 3, …) of one file. */
export function createHolders({ size = 40 * PIECE + 17, holders = 1 } = {}) {
  const network = new TestNetwork();
  const fetcher = network.node(1);
  const bytes = network.random.bytes(size);
  const record = recordOf('letters/été ^&%.bin', bytes);
  const sources = Array.from({ length: holders }, (_, index) => {
    const node = network.node(index + 2);
    node.files.add(record, bytes);
    return node;
  });
  return { network, fetcher, bytes, record, sources, ids: sources.map(({ id }) => id) };
}

/** Bytes of which no two pieces are alike, made faster than by chance. */
export function contentOf(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 4 <= size; at += 1_024) view.setUint32(at, at + 1);
  return bytes;
}

/** As `createHolders`, of a file that is made of pieces; the holders' lines may take time. */
export function createPieceHolders({
  size = 40 * PIECE + 17,
  holders = 1,
  pieceLength = PIECE,
  line,
  ...options
}: {
  readonly size?: number;
  readonly holders?: number;
  readonly pieceLength?: number;
  readonly line?: Partial<LinkConditions>;
} & Parameters<TestNetwork['node']>[1] = {}) {
  const network = new TestNetwork();
  const fetcher = network.node(1, options);
  const bytes = contentOf(size);
  const plain = recordOf('letters/été ^&%.bin', bytes);
  const encoded = manifestOf(plain, bytes, pieceLength);
  const sources = Array.from({ length: holders }, (_, index) => {
    const node = network.node(index + 2);
    if (line !== undefined) network.limit(node.id, line);
    return node;
  });
  const [record = plain] = sources.map(({ files }) => files.addInPieces(plain, bytes, pieceLength));
  return { network, fetcher, bytes, record, encoded, sources, ids: sources.map(({ id }) => id) };
}
