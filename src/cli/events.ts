import { errorCode, toError, type Address, type ErrorCode, type NodeId } from '../kernel/index.ts';
import type {
  GotFiles,
  ListedFile,
  NodeEvent,
  NodeStatus,
  PeerStatus,
  PieceMap,
  ReceivedFile,
  SafetyReport,
  SentFile,
  StoredVersion,
} from '../node/api.ts';
import type { CommandDescription } from './command.ts';

/** How a command ended: the one final event of each. These, with the announcements, are the stable JSON lines of the README. */
export type CommandResult =
  | { readonly event: 'added'; readonly id: NodeId; readonly address: Address }
  | { readonly event: 'listed'; readonly files: readonly ListedFile[] }
  | ({ readonly event: 'received' } & ReceivedFile)
  | ({ readonly event: 'got' } & GotFiles)
  | ({ readonly event: 'sent' } & SentFile)
  | ({ readonly event: 'pieces' } & PieceMap)
  | ({ readonly event: 'safe' } & SafetyReport)
  | { readonly event: 'peers'; readonly peers: readonly PeerStatus[] }
  | ({ readonly event: 'status' } & NodeStatus)
  | { readonly event: 'versions'; readonly versions: readonly StoredVersion[] }
  | { readonly event: 'restored'; readonly name: string; readonly checksum: string; readonly version: string }
  | { readonly event: 'commands'; readonly commands: readonly CommandDescription[] }
  | { readonly event: 'closed' }
  | { readonly event: 'error'; readonly code: ErrorCode; readonly message: string };

/** What a command says on the way to its final event: of several files each that is here, and how many there are in all. */
export type CommandProgress = { readonly event: 'received'; readonly of: number } & ReceivedFile;

/** What is said without having been asked for. */
export type Announcement =
  | { readonly event: 'ready'; readonly address: Address; readonly id: NodeId; readonly profile: string }
  | { readonly event: 'peer-joined' | 'peer-left'; readonly id: NodeId; readonly address: Address }
  /** 'error' without a command: the node could not start, or not close. */
  | { readonly event: 'warning' | 'error'; readonly code: ErrorCode; readonly message: string }
  | { readonly event: 'closed' };

/** One line of output; `command` is the number of the input line that caused it. */
export type OutputEvent =
  | (CommandResult & { readonly command: number; readonly of?: never })
  | (CommandProgress & { readonly command: number })
  | (Announcement & { readonly command?: never });

/** Whether a command has ended with this event of it. */
export function isFinal(output: OutputEvent): boolean {
  return output.command !== undefined && output.of === undefined;
}

/** The final event of a command that failed. An error without a code of ours is a mistake of the program, and is called so. */
export function errorEvent(thrown: unknown): CommandResult & { event: 'error' } {
  return { event: 'error', code: errorCode(thrown) ?? 'ERR_INTERNAL', message: toError(thrown).message };
}

/** An event of the node as it is put out. */
export function announcement(event: NodeEvent): Announcement {
  if (event.type === 'warning') return { event: 'warning', code: event.code, message: event.message };
  return { event: event.type, id: event.id, address: event.address };
}
