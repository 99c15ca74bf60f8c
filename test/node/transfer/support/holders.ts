import { recordOf } from './memory-files.ts';
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
