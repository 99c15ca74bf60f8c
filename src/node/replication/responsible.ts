import type { NodeId } from '../../kernel/index.ts';
import type { FileRecord } from '../records.ts';

/**
 * Who sees to it that there are enough copies of a content: its writer where that holds it, else the holder with the lowest id. All who know of the same
 * holders name the same one, so one node acts.
 */
export function responsibleFor({ writer }: Pick<FileRecord, 'writer'>, holders: readonly NodeId[]): NodeId | undefined {
  return holders.includes(writer) ? writer : [...holders].sort()[0];
}
