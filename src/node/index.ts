export type * from './api.ts';
export { createNode, type CreateNodeOptions } from './create-node.ts';
export type { StorageNode, TransferOptions } from './storage-node.ts';
