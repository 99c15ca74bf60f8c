export type { AbortOptions } from './abort.ts';
export type { Cipher, RecordCipher } from './cipher.ts';
export {
  defineConfig,
  resolveProfile,
  type Config,
  type Profile,
  type ResolvedProfile,
  type ResolvedSlot,
} from './config.ts';
export { NodeContainer, TOKENS, token, type NodeWorld, type Token } from './container.ts';
export type { Disk, DiskEntry, DiskFile, DiskStat, EntryKind, OpenMode, RenameOptions, SmallContent } from './disk.ts';
export { ERROR_CODES, KernelError, errorCode, toError, type ErrorCode } from './errors.ts';
export { LOG_LEVELS, type LogFields, type LogLevel, type Logger } from './logger.ts';
export { compareNeighbours, type NeighbourPriority, type RankedNeighbour } from './neighbour-priority.ts';
export type { NodeIndex } from './node-index.ts';
export type { PieceStrategy, PieceView } from './piece-strategy.ts';
export { pluginOption, type OptionPlugin } from './plugin-option.ts';
export {
  PLUGIN_KINDS,
  definePlugin,
  isPlugin,
  isPluginUse,
  type AnyPluginDefinition,
  type Plugin,
  type PluginContext,
  type PluginContracts,
  type PluginDefinition,
  type PluginKind,
  type PluginUse,
  type PluginVariant,
  type TextOutput,
} from './plugin.ts';
export type { NodeId, Session, SessionListener, SessionTransport } from './session.ts';
export { settingsSchema, type Settings, type SettingsInput } from './settings.ts';
export {
  FRAME_OVERHEAD_ALLOWANCE,
  MAX_FRAME_LENGTH,
  type Address,
  type AddressForm,
  type Connection,
  type HostAndPort,
  type Listener,
  type Transport,
} from './transport.ts';
export type { Clock, HashResult, HashStream, Hasher, Random, Timer } from './world.ts';
