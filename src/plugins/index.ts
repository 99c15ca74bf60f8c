export { aesGcm } from './cipher/aes-gcm/index.ts';
export { none } from './cipher/none/index.ts';
export { consoleLogger } from './logger/console/index.ts';
export { silent } from './logger/silent/index.ts';
export { bTree } from './neighbour-priority/b-tree/index.ts';
export { inorderBinaryTree } from './neighbour-priority/inorder-binary-tree/index.ts';
export { sequential } from './piece-strategy/sequential/index.ts';
export { MemoryNetwork, memory } from './transport/memory/index.ts';
export { mrtUdp } from './transport/mrt-udp/index.ts';
