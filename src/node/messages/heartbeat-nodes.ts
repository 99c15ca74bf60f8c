import type { NodeRecord } from '../records.ts';
import { MAX_NODES, MAX_TEXT_LENGTH } from './limits.ts';
import { nodeField } from './node-record.ts';

/** Bytes of an HB besides its nodes, at most: type, three numbers, a count, and what is between them. */
const HEAD_LENGTH = 64;

/** As many of the records, in their order, as one HB holds: all but in a network of very many direct connections. */
export function heartbeatNodes(records: Iterable<NodeRecord>): NodeRecord[] {
  const nodes: NodeRecord[] = [];
  let length = HEAD_LENGTH;
  for (const record of records) {
    length += 1 + Buffer.byteLength(nodeField.write(record, 'node'));
    if (nodes.length === MAX_NODES || length > MAX_TEXT_LENGTH) break;
    nodes.push(record);
  }
  return nodes;
}
