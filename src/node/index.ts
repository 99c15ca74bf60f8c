export type * from './api.ts';
export { createNode, type CreateNodeOptions } from './create-node.ts';
export type { GetAllOptions, TransferOptions } from './gets.ts';
export type { RecordPool } from './record-pool.ts';
export type { StorageNode } from './storage-node.ts';
