export {
  canonicalSocketAddress,
  isIp,
  isLoopback,
  isWildcard,
  joinAddress,
  parseSocketAddress,
  splitAddress,
  type AddressFields,
} from './address-fields.ts';
export { asBuffer } from './as-buffer.ts';
export { AsyncQueue } from './async-queue.ts';
export { Backoff, type BackoffOptions } from './backoff.ts';
export { ChangedNames } from './changed-names.ts';
export { ChannelConnection, type ChannelConnectionOptions } from './channel-connection.ts';
export { ConnectionQueue } from './connection-queue.ts';
export { abortable, withDeadline } from './deadline.ts';
export { deferred, type Deferred } from './deferred.ts';
export { dialWithin, type DialWithinOptions } from './dial-within.ts';
export { splitEntryPath, splitPath } from './disk-path.ts';
export { escapeControls } from './escape-controls.ts';
export { eventLogger, type EventLoggerOptions, type LogEvent } from './event-logger.ts';
export { NOT_OURS, foreignAnswer } from './foreign-answer.ts';
export type { ChannelReceiver, FrameChannel, Mark } from './frame-channel.ts';
export { HalfOpenStreams } from './half-open-streams.ts';
export { hostPortForm } from './host-port-form.ts';
export { inlineHasher } from './inline-hasher.ts';
export { ListenerPlace } from './listener-place.ts';
export { lowestRanked } from './lowest-ranked.ts';
export { MemoryDisk, type MemoryDiskOptions } from './memory-disk.ts';
export { memoryIndex } from './memory-index.ts';
export { boundedPieceLength, pieceLengthOption } from './piece-length.ts';
export { RangeSet, type Range } from './range-set.ts';
export { recogniseProtocol } from './recognise-protocol.ts';
export { RttEstimator } from './rtt-estimator.ts';
export { seededRandom } from './seeded-random.ts';
export { shuffledRank } from './shuffled-rank.ts';
export { RUN_RANKS, shuffledRuns } from './shuffled-runs.ts';
export { silentLogger } from './silent-logger.ts';
export { sleep } from './sleep.ts';
export { WaitingLine, type WaitingLineOptions } from './waiting-line.ts';
export { plainIp, socketAddress } from './socket-address.ts';
export { SourceLog, type TurnedAway } from './source-log.ts';
export { sourceNetwork } from './source-network.ts';
export { streamConnection, type StreamConnectionOptions } from './stream-connection.ts';
export { readGreeting, streamGreeting } from './stream-greeting.ts';
export {
  dialTimeoutOption,
  halfOpenOption,
  openingTimeoutOption,
  streamOptions,
  type StreamOptions,
} from './stream-options.ts';
export { TokenBucket, type TokenBucketOptions } from './token-bucket.ts';
export { uninitialised } from './uninitialised.ts';
export { VirtualClock } from './virtual-clock.ts';
export { discard } from './world/discard.ts';
export { openLevelIndex, type OpenedIndex } from './world/level-index.ts';
export { nodeDisk } from './world/node-disk.ts';
export { listenOn, type ListenOnOptions } from './world/server-socket.ts';
export { systemClock } from './world/system-clock.ts';
export { systemRandom } from './world/system-random.ts';
export { workerHasher } from './world/worker-hasher.ts';
