import type { FileStatement, NodeRecord } from './records.ts';

/** One object for all records that say the same, where a process has more than one node: what each of them keeps are references. */
export interface RecordPool {
  node(record: NodeRecord): NodeRecord;
  statement(statement: FileStatement): FileStatement;
}
