import {
  KernelError,
  NodeContainer,
  TOKENS,
  token,
  type Address,
  type NodeId,
  type NodeWorld,
  type ResolvedProfile,
  type SessionTransport,
  type Settings,
  type Transport,
} from '../kernel/index.ts';
import { isWildcard } from '../kit/address-fields.ts';
import type { FileIndex } from './files/file-index.ts';
import { NodeFiles } from './files/node-files.ts';
import type { Identity } from './identity/identity.ts';
import { loadIdentity } from './identity/load-identity.ts';
import { logged } from './link/logged-transport.ts';
import { sealed } from './link/sealed-transport.ts';
import { describeFrame } from './messages/describe-frame.ts';
import { isUserLabel } from './messages/file-name.ts';
import { NodeEvents } from './node-events.ts';
import { KnownPeers } from './overlay/known-peers.ts';
import { Membership } from './overlay/membership.ts';
import { NeighbourTable } from './overlay/neighbour-table.ts';
import { Overlay } from './overlay/overlay.ts';
import { SelfRecord } from './overlay/self-record.ts';
import type { RecordPool } from './record-pool.ts';
import type { FileRecord, Place } from './records.ts';
import { NoticingIndex } from './replication/noticing-index.ts';
import { ReplicaKeeper } from './replication/replica-keeper.ts';
import { Replicator } from './replication/replicator.ts';
import { Safety } from './replication/safety.ts';
import { StorageNode } from './storage-node.ts';
import type { KnownSource } from './transfer/transfer-options.ts';
import { Transfers } from './transfer/transfers.ts';

export interface CreateNodeOptions {
  readonly profile: ResolvedProfile;
  /** Everything outside the node. The caller opened it and closes it after the node. */
  readonly world: NodeWorld;
  /** 32 bytes that all nodes of the network have in common. */
  readonly sharedKey: Uint8Array;
  /** Label of the person whose changes these are: `[A-Za-z0-9._-]{1,32}`. */
  readonly user: string;
  /** Where to listen; with port 0 the one of the last run, or any. */
  readonly listen: Address;
  /** What others are told instead of the listening address. */
  readonly advertise?: Address | undefined;
  /** Where records are kept once for all nodes of the process. */
  readonly pool?: RecordPool | undefined;
}

/** What of a node has to be read from its folder before the rest can be made. */
interface NodeSelf {
  readonly identity: Identity;
  readonly self: SelfRecord;
}

const NODE = {
  sessions: token<SessionTransport>('sessions'),
  membership: token<Membership>('membership'),
  neighbours: token<NeighbourTable>('neighbours'),
  events: token<NodeEvents>('events'),
  files: token<NodeFiles>('files'),
  overlay: token<Overlay>('overlay'),
  transfers: token<Transfers>('transfers'),
  keeper: token<ReplicaKeeper>('keeper'),
  replicator: token<Replicator>('replicator'),
  node: token<StorageNode>('node'),
} as const;

/**
 * Makes a node of a profile and starts it: its folder is read, it listens, and it goes on until `close`.
 *
 * @throws ERR_USAGE for a user label that is none, ERR_KEY_UNREADABLE, and whatever `StorageNode.start` throws.
 */
export async function createNode(options: CreateNodeOptions): Promise<StorageNode> {
  const { profile, world, user, listen, advertise } = options;
  if (!isUserLabel(user)) {
    throw new KernelError('ERR_USAGE', `${JSON.stringify(user)} is no user label: 1 to 32 of A-Z a-z 0-9 . _ -`);
  }
  const container = new NodeContainer(profile, world);
  try {
    const transport = container.get(TOKENS.transport);
    const address = transport.parse(listen);
    const identity = await loadIdentity(world);
    const self = await SelfRecord.load({
      id: identity.id,
      index: world.index,
      place: placeOf(profile.settings),
      advertise: advertise === undefined ? undefined : advertised(transport, advertise),
      addressForm: transport.addressForm,
    });
    registerNode(container, options, { identity, self });
    const node = container.get(NODE.node);
    await node.start(address);
    return node;
  } catch (error) {
    // Why there is no node is what the caller has to hear, not what else went wrong on the way out.
    await container.close().catch(() => undefined);
    throw error;
  }
}

/** How each part of a node is made of the others. Parts that need each other meet in callbacks, which run when all are made. */
function registerNode(container: NodeContainer, options: CreateNodeOptions, { identity, self }: NodeSelf): void {
  const { user, sharedKey, profile, pool } = options;
  const { settings } = profile;
  const { id } = self;
  const get = container.get.bind(container);
  const clock = get(TOKENS.clock);
  const index = get(TOKENS.index);
  const random = get(TOKENS.random);
  const logger = get(TOKENS.logger).child({ self: id.slice(0, 8) });

  container.factory(NODE.events, () => new NodeEvents(logger));
  container.factory(NODE.membership, () => new Membership({ self: id, clock, pool }));
  container.factory(NODE.neighbours, () => new NeighbourTable({ priority: get(TOKENS.neighbourPriority), settings }));
  container.factory(NODE.sessions, () => {
    const cipher = get(TOKENS.cipher);
    const sessions = sealed(get(TOKENS.transport), {
      identity,
      sharedKey,
      cipher,
      clock,
      random,
      logger,
      settings,
      onHandshakeFailed: ({ remote, code, message }) =>
        get(NODE.events).emit({ type: 'warning', code, message: `from ${remote}: ${message}` }),
    });
    return logged(sessions, { logger, describe: describeFrame });
  });
  container.factory(
    NODE.files,
    () =>
      new NodeFiles({
        disk: get(TOKENS.disk),
        hasher: get(TOKENS.hasher),
        pieceStrategy: get(TOKENS.pieceStrategy),
        index,
        clock,
        logger,
        settings,
        pool,
        self: { id, user },
        stamp: () => self.stamp(),
        isLive: (origin) => get(NODE.membership).isAlive(origin),
        onStatement: (statement) => {
          get(NODE.overlay).announce(statement);
          get(NODE.replicator).noticed(statement.record.name);
        },
        onWarning: (code, message) => get(NODE.events).emit({ type: 'warning', code, message }),
      }),
  );
  container.factory(
    NODE.overlay,
    () =>
      new Overlay({
        self,
        user,
        clock,
        random,
        logger,
        settings,
        transport: get(NODE.sessions),
        membership: get(NODE.membership),
        neighbours: get(NODE.neighbours),
        knownPeers: new KnownPeers({ index, clock }),
        files: new NoticingIndex(get(NODE.files).index, (name) => {
          get(NODE.keeper).noticed(name);
          get(NODE.replicator).noticed(name);
        }),
        attachTunnel: (session) => get(NODE.transfers).attachTunnel(session),
        onEvent: (event) => {
          if (event.type !== 'warning') get(NODE.replicator).memberChanged(event.id);
          get(NODE.events).emit(event);
        },
      }),
  );
  container.factory(
    NODE.transfers,
    () =>
      new Transfers({
        peers: get(NODE.overlay),
        files: get(NODE.files).store,
        small: get(NODE.files).small,
        pieceStrategy: get(TOKENS.pieceStrategy),
        clock,
        random,
        logger,
        settings,
        self: { id, address: () => self.address },
        sourcesOf: (record) => sourcesOf(record, get(NODE.files).index, get(NODE.neighbours)),
        replicas: get(NODE.keeper),
        tellPart: (record, isHere) => get(NODE.files).index.own.fetching(record, isHere),
        onWarning: (code, message) => get(NODE.events).emit({ type: 'warning', code, message }),
      }),
  );
  const zoneOf = (node: NodeId) => (node === id ? settings.zone : get(NODE.membership).get(node)?.record.place?.zone);
  container.factory(
    NODE.keeper,
    () =>
      new ReplicaKeeper({
        self: id,
        index: get(NODE.files).index,
        replicas: get(NODE.files).replicas,
        checks: get(NODE.files).replicaChecks,
        isFetching: () => get(NODE.transfers).isFetching,
      }),
  );
  container.factory(
    NODE.replicator,
    () =>
      new Replicator({
        self: id,
        wanted: settings.replicas,
        index: get(NODE.files).index,
        transfers: get(NODE.transfers),
        isServing: () => get(NODE.transfers).isServing,
        dropOwn: (record) => get(NODE.files).replicas.drop(record),
        neighbours: () => get(NODE.neighbours),
        zoneOf,
        clock,
        random,
        logger,
      }),
  );
  container.factory(
    NODE.node,
    () =>
      new StorageNode({
        profileName: profile.name,
        user,
        settings,
        clock,
        logger,
        self,
        transport: get(NODE.sessions),
        overlay: get(NODE.overlay),
        neighbours: get(NODE.neighbours),
        files: get(NODE.files),
        transfers: get(NODE.transfers),
        replicator: get(NODE.replicator),
        safety: new Safety({
          id,
          files: get(NODE.files),
          transfers: get(NODE.transfers),
          onRotten: ({ name, checksum }) => get(NODE.files).replicaChecks.doubt(name, checksum),
          wanted: settings.replicas,
          zoneOf,
          random,
          logger,
        }),
        events: get(NODE.events),
        closePlugins: () => container.close(),
      }),
  );
}

/** Who else can be asked for a file, best placed first: those who hold it, then those who are fetching it. */
function sourcesOf(record: FileRecord, index: FileIndex, neighbours: NeighbourTable): KnownSource[] {
  const holders = neighbours.sort(index.holdersOf(record)).map((holder) => ({ holder }));
  const fetchers = neighbours.sort(index.fetchersOf(record)).map((holder) => ({ holder, isPartial: true }));
  return [...holders, ...fetchers];
}

/** What others are told, if it is an address that they can dial. */
function advertised(transport: Transport, text: string): Address {
  const address = transport.parse(text);
  const at = transport.addressForm?.split(address);
  if (at === undefined || (at.port !== 0 && !isWildcard(at.host))) return address;
  throw new KernelError('ERR_ADDRESS', `${address} cannot be advertised: others need a host and a port to dial`);
}

function placeOf({ latitude, longitude, zone }: Settings): Place | undefined {
  const coordinates = latitude === undefined || longitude === undefined ? undefined : { latitude, longitude };
  return coordinates === undefined && zone === undefined ? undefined : { coordinates, zone };
}
