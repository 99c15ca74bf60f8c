export { memory, MemoryNetwork } from './transport/memory/index.ts';
