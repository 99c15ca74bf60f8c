import { abortable } from '../kit/index.ts';
import type { StorageNode, TransferOptions } from '../node/index.ts';
import { COMMANDS, type NodeCommand } from './command.ts';
import type { CommandResult } from './events.ts';

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
  | 'send'
  | 'peers'
  | 'status'
  | 'versions'
  | 'restore'
  | 'subscribe'
  | 'close'
>;

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
