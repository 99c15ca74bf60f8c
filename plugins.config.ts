import { defineConfig } from './src/kernel/index.ts';
import {
  aesGcm,
  aesJs,
  bTree,
  consoleLogger,
  inorderBinaryTree,
  jsonLines,
  memory,
  mrtUdp,
  none,
  random,
  rarestFirst,
  sequential,
  silent,
  tcp,
  tee,
  websocket,
} from './src/plugins/index.ts';

/** The plugins there are, and the profiles made of them. A config of your own spreads this one and adds to it. */
export default defineConfig({
  plugins: [
    ...[mrtUdp, tcp, websocket, memory],
    ...[aesGcm, aesJs, none],
    ...[bTree, inorderBinaryTree],
    ...[sequential, rarestFirst, random],
    ...[consoleLogger, jsonLines, silent, tee],
  ],
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
    // For machines of one house or office, and wherever UDP does not get through: the system's own TCP.
    lan: {
      extends: 'default',
      about: 'Over TCP: for machines of one house or office, and where UDP is blocked.',
      transport: tcp(),
    },
    // For nodes behind a reverse proxy, or in networks that let nothing but web traffic out. All who come through one proxy have its
    // address, so a limit meant for one machine would have them end each other's handshakes whenever more than eight come at once, as
    // after a restart. Here one source may hold half of the `handshakes`; the other half stays for those who come past the proxy.
    web: {
      extends: 'default',
      about: 'Over WebSocket: for nodes behind a web server or a proxy.',
      transport: websocket(),
      settings: { handshakesPerSource: 32 },
    },
    // For runtimes without native AES: slow, and interoperates with nodes of this profile only.
    portable: {
      extends: 'default',
      about: 'Encrypted in JavaScript, for runtimes without native AES: some 10 MB/s.',
      cipher: aesJs(),
    },
    // For whoever wants to see every frame, at this desk: nothing is encrypted, so the node keeps to loopback.
    trace: {
      extends: 'default',
      about: 'Nothing encrypted, everything logged to .peerhold/logs/node.jsonl: to look inside; this machine only.',
      cipher: none(),
      logger: tee({ loggers: [consoleLogger({ level: 'warn' }), jsonLines({ level: 'trace' })] }),
    },
    // For `peerhold sim`: nodes of one process, on links that the scenario describes. A node of its own reaches nobody with it.
    simulation: {
      extends: 'default',
      about: 'What the nodes of a simulation are made of: memory in place of a network, nothing encrypted.',
      transport: memory(),
      cipher: none(),
      logger: silent(),
      settings: { allowPlaintext: true, replicas: 0 },
    },
  },
  defaultProfile: 'default',
});
