import type { AbortOptions, Address, NodeId } from '../kernel/index.ts';
import { abortable } from '../kit/index.ts';
import type {
  ListedFile,
  NodeEvent,
  NodeStatus,
  PeerStatus,
  ReceivedFile,
  SentFile,
  StoredVersion,
  TransferProgress,
} from '../node/api.ts';
import { COMMANDS, type NodeCommand } from './command.ts';
import type { CommandResult } from './events.ts';

export interface TransferOptions extends AbortOptions {
  /** Called as bytes of a GET or SEND move. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** What the command line needs of a running node; a StorageNode is one. */
export interface CommandNode {
  readonly id: NodeId;
  readonly address: Address;
  readonly profileName: string;
  add(address: Address, options?: AbortOptions): Promise<{ readonly id: NodeId; readonly address: Address }>;
  list(): readonly ListedFile[];
  get(query: string, options?: TransferOptions): Promise<ReceivedFile>;
  send(query: string, options?: TransferOptions): Promise<SentFile>;
  peers(): readonly PeerStatus[];
  status(): NodeStatus;
  versions(name?: string): Promise<readonly StoredVersion[]>;
  restore(version: string): Promise<{ readonly name: string; readonly checksum: string; readonly version: string }>;
  subscribe(listener: (event: NodeEvent) => void): () => void;
  close(): Promise<void>;
}

/** Carries out a command; rejects as the node does, or at once with the signal's reason. */
export async function executeCommand(
  command: NodeCommand,
  node: CommandNode,
  options: TransferOptions = {},
): Promise<CommandResult> {
  options.signal?.throwIfAborted();
  return abortable(execute(command, node, options), options.signal);
}

async function execute(command: NodeCommand, node: CommandNode, options: TransferOptions): Promise<CommandResult> {
  switch (command.type) {
    case 'ADD':
      return { event: 'added', ...(await node.add(command.address, { signal: options.signal })) };
    case 'LIST':
      return { event: 'listed', files: node.list() };
    case 'GET':
      return { event: 'received', ...(await node.get(command.file, options)) };
    case 'SEND':
      return { event: 'sent', ...(await node.send(command.file, options)) };
    case 'PEERS':
      return { event: 'peers', peers: node.peers() };
    case 'STATUS':
      return { event: 'status', ...node.status() };
    case 'VERSIONS':
      return { event: 'versions', versions: await node.versions(command.file) };
    case 'RESTORE':
      return { event: 'restored', ...(await node.restore(command.version)) };
    case 'CMDS':
      return { event: 'commands', commands: COMMANDS };
  }
}
