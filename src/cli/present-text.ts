import type { FileSafety, ListedFile, PeerStatus, PieceHolder, SendResult, StoredVersion } from '../node/api.ts';
import { quoteArgument, type CommandDescription } from './command.ts';
import type { Announcement, CommandProgress, CommandResult } from './events.ts';
import { escapeForDisplay } from '../node/messages/display.ts';
import { formatBytes, formatDuration, formatRate, formatTable, formatTime, shortId } from './format.ts';

/** An event for people: one line or a table, without a line end. Whatever a peer may have chosen is escaped; names stand as they can be typed. */
export function presentText(output: CommandResult | CommandProgress | Announcement): string {
  switch (output.event) {
    case 'ready':
      return `listening on ${escapeForDisplay(output.address)} as ${output.id} (profile ${output.profile}); CMDS lists the commands`;
    case 'added':
      return `added ${shortId(output.id)} at ${escapeForDisplay(output.address)}`;
    case 'listed':
      return presentFiles(output.files);
    case 'received':
      return presentReceived(output);
    case 'got':
      return presentGot(output);
    case 'sent':
      return presentSent(output);
    case 'pieces':
      return presentPieces(output);
    case 'safe':
      return presentSafety(output.files);
    case 'peers':
      return presentPeers(output.peers);
    case 'status':
      return presentStatus(output);
    case 'versions':
      return presentVersions(output.versions);
    case 'restored':
      return `restored ${quoteArgument(output.name)} (version ${escapeForDisplay(output.version)}, SHA-256 ${output.checksum})`;
    case 'commands':
      return presentCommands(output.commands);
    case 'peer-joined':
      return `${shortId(output.id)} joined, at ${escapeForDisplay(output.address)}`;
    case 'peer-left':
      return `${shortId(output.id)} left, was at ${escapeForDisplay(output.address)}`;
    case 'warning':
      return `warning: ${output.code}: ${escapeForDisplay(output.message)}`;
    case 'error':
      return `${output.code}: ${escapeForDisplay(output.message)}`;
    case 'closed':
      return 'bye';
  }
}

function presentFiles(files: readonly ListedFile[]): string {
  if (files.length === 0) return 'no files';
  const rows = files.map((file) => [
    formatBytes(file.size),
    formatTime(file.modified),
    file.checksum.slice(0, 12),
    escapeForDisplay(file.user),
    String(file.holders.length),
    `${quoteArgument(file.name)}${file.conflict ? (file.current ? ' (conflict, current)' : ' (conflict)') : ''}`,
  ]);
  return formatTable([['size', 'modified', 'sha-256', 'user', 'holders', 'name'], ...rows]);
}

function presentReceived(file: Extract<CommandResult, { event: 'received' }>): string {
  const sources = Object.keys(file.sources).map(shortId);
  const what = `${quoteArgument(file.name)} (${formatBytes(file.size)}, SHA-256 ${file.checksum})`;
  if (sources.length === 0) return `already here: ${what}`;
  const rate = formatRate(file.size, file.seconds);
  return `received ${what} from ${sources.join(', ')} in ${file.seconds.toFixed(2)} s${rate === '' ? '' : `, ${rate}`}`;
}

function presentGot({ failures, failed, files }: Extract<CommandResult, { event: 'got' }>): string {
  const count = files === 1 ? '1 file' : `${files} files`;
  const lines = failures.map(
    ({ name, code, message }) => `${quoteArgument(name)}: ${code}: ${escapeForDisplay(message)}`,
  );
  return [...lines, failed === 0 ? `got ${count}` : `got ${count}, ${failed} failed`].join('\n');
}

function presentSent(file: Extract<CommandResult, { event: 'sent' }>): string {
  const head = `sent ${quoteArgument(file.name)} (SHA-256 ${file.checksum})`;
  if (file.to.length === 0) return `${head} to nobody: no other node is known`;
  const answers: Readonly<Record<string, string>> = { received: 'received it', present: 'had it already' };
  const line = ({ id, result }: SendResult) =>
    `  ${shortId(id)} ${answers[result] ?? `failed: ${escapeForDisplay(result)}`}`;
  return [head, ...file.to.map(line)].join('\n');
}

function presentPieces(map: Extract<CommandResult, { event: 'pieces' }>): string {
  const { checksum, holders, name, ours, pieceLength, pieces, size } = map;
  const made =
    pieces === null || pieceLength === null
      ? 'its pieces are not known'
      : `${pieces} ${pieces === 1 ? 'piece' : 'pieces'} of ${formatBytes(pieceLength)}, ${ours} of them here`;
  const head = `${quoteArgument(name)} (${formatBytes(size)}, SHA-256 ${checksum}): ${made}`;
  const countOf = (holder: PieceHolder) => (holder.pieces === null ? 'some' : `${holder.pieces} of ${pieces ?? '?'}`);
  return [head, ...holders.map((each) => `  ${shortId(each.id)} ${each.whole ? 'all' : countOf(each)}`)].join('\n');
}

function presentSafety(files: readonly FileSafety[]): string {
  if (files.length === 0) return 'no files';
  const stateOf = ({ missing, safe }: FileSafety) => (safe ? 'safe' : `${missing} missing`);
  const rows = files.map((file) => [
    quoteArgument(file.name),
    stateOf(file),
    `${file.copies} of ${file.wanted}`,
    file.holders.map(shortId).join(' '),
    file.zones.join(' '),
  ]);
  return formatTable([['name', 'state', 'copies', 'shown by', 'zones'], ...rows]);
}

function presentPeers(peers: readonly PeerStatus[]): string {
  if (peers.length === 0) return 'no other node is known; ADD <address> connects to one';
  const rows = peers.map((peer) => [
    String(peer.rank),
    shortId(peer.id),
    escapeForDisplay(peer.address),
    peer.direct ? 'yes' : 'no',
    peer.user === null ? '-' : escapeForDisplay(peer.user),
    peer.rttMs === null ? '-' : `${peer.rttMs.toFixed(2)} ms`,
    peer.score.toFixed(4),
    peer.parts.rtt.toFixed(4),
    peer.parts.geography.toFixed(4),
    peer.parts.spread.toFixed(4),
  ]);
  const head = ['rank', 'id', 'address', 'direct', 'user', 'rtt', 'score', '= rtt', '+ geography', '+ spread'];
  return formatTable([head, ...rows]);
}

function presentStatus(status: Extract<CommandResult, { event: 'status' }>): string {
  return formatTable([
    ['id', status.id],
    ['address', escapeForDisplay(status.address)],
    ['user', status.user],
    ['profile', status.profile],
    ['incarnation', String(status.incarnation)],
    ['up', formatDuration(status.uptimeMs)],
    ['nodes', `${status.known} known, ${status.direct} connected directly`],
    ['files', status.hashing === 0 ? String(status.files) : `${status.files}, and ${status.hashing} being hashed`],
    ['transfers', String(status.transfers)],
  ]);
}

function presentVersions(versions: readonly StoredVersion[]): string {
  if (versions.length === 0) return 'no replaced versions';
  const rows = versions.map((each) => [
    escapeForDisplay(each.version),
    formatTime(each.replaced),
    formatBytes(each.size),
    each.checksum.slice(0, 12),
    escapeForDisplay(each.user),
    quoteArgument(each.name),
  ]);
  return formatTable([['version', 'replaced', 'size', 'sha-256', 'user', 'name'], ...rows]);
}

function presentCommands(commands: readonly CommandDescription[]): string {
  return formatTable(commands.map(({ usage, about }) => [usage, about]));
}
