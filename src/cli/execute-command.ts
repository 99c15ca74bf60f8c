import { abortable } from '../kit/index.ts';
import type { ReceivedFile, StorageNode, TransferOptions } from '../node/index.ts';
import { COMMANDS, type NodeCommand } from './command.ts';
import type { CommandProgress, CommandResult } from './events.ts';

/** What the command line needs of a running node. */
export type CommandNode = Pick<
  StorageNode,
  | 'id'
  | 'address'
  | 'addressForm'
  | 'profileName'
  | 'add'
  | 'list'
  | 'get'
  | 'matching'
  | 'getAll'
  | 'send'
  | 'pieces'
  | 'safe'
  | 'peers'
  | 'status'
  | 'versions'
  | 'restore'
  | 'subscribe'
  | 'close'
>;

/** How a command may be watched and given up. */
export interface ExecuteOptions extends TransferOptions {
  /** Hears what the command says before it ends. */
  readonly emit?: ((event: CommandProgress) => void) | undefined;
}

/** Carries out a command; rejects as the node does, or at once with the signal's reason. */
export async function executeCommand(
  command: NodeCommand,
  node: CommandNode,
  options: ExecuteOptions = {},
): Promise<CommandResult> {
  options.signal?.throwIfAborted();
  return abortable(execute(command, node, options), options.signal);
}

async function execute(command: NodeCommand, node: CommandNode, options: ExecuteOptions): Promise<CommandResult> {
  switch (command.type) {
    case 'ADD':
      return { event: 'added', ...(await node.add(command.address, { signal: options.signal })) };
    case 'LIST':
      return { event: 'listed', files: node.list() };
    case 'GET':
      return get(command.file, node, options);
    case 'SEND':
      return { event: 'sent', ...(await node.send(command.file, options)) };
    case 'PIECES':
      return { event: 'pieces', ...(await node.pieces(command.file, { signal: options.signal })) };
    case 'SAFE':
      return { event: 'safe', ...(await node.safe(command.file, { signal: options.signal })) };
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

/** One file ends in what was received; several in how many were, each told of as it is here. */
async function get(
  query: string,
  node: CommandNode,
  { emit, signal, onProgress }: ExecuteOptions,
): Promise<CommandResult> {
  if (node.matching(query) === undefined)
    return { event: 'received', ...(await node.get(query, { signal, onProgress })) };
  const onReceived = (file: ReceivedFile, of: number) => emit?.({ event: 'received', of, ...file });
  return { event: 'got', ...(await node.getAll(query, { signal, onProgress, onReceived })) };
}
