import { defineConfig } from './src/kernel/index.ts';
import {
  aesGcm,
  bTree,
  consoleLogger,
  inorderBinaryTree,
  memory,
  mrtUdp,
  none,
  sequential,
  silent,
} from './src/plugins/index.ts';

/** The plugins there are, and the profiles made of them. A config of your own spreads this one and adds to it. */
export default defineConfig({
  plugins: [mrtUdp, memory, aesGcm, none, bTree, inorderBinaryTree, sequential, consoleLogger, silent],
  profiles: {
    // For whoever just wants their folder shared: the documented system, encrypted, over UDP, on any network.
    default: {
      about: 'The documented system: MRT over UDP, encrypted, neighbours in a B-tree.',
      transport: mrtUdp(),
      cipher: aesGcm(),
      neighbourPriority: bTree(),
      pieceStrategy: sequential(),
      // Shown is what needs somebody; `--log-level info` tells the life of the network, `trace` every frame and packet.
      logger: consoleLogger({ level: 'warn' }),
    },
    // For whoever compares the two documented ways to order neighbours: the same node with the other tree.
    inorder: {
      extends: 'default',
      about: 'The same, with neighbours in a binary tree that is walked in order.',
      neighbourPriority: inorderBinaryTree(),
    },
  },
  defaultProfile: 'default',
});
