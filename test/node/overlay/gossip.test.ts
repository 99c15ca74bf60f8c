import { KernelError, settingsSchema } from '../../../src/kernel/index.ts';
import { memoryIndex, seededRandom, VirtualClock } from '../../../src/kit/index.ts';
import { DirectConnections } from '../../../src/node/overlay/direct-connections.ts';
import { Gossip } from '../../../src/node/overlay/gossip.ts';
import { Membership } from '../../../src/node/overlay/membership.ts';
import { SelfRecord } from '../../../src/node/overlay/self-record.ts';
import type { DecodedFrame, Message } from '../../../src/node/messages/message.ts';
import type { FileStatement, NodeRecord } from '../../../src/node/records.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { Neighbour, idOf, recordOf, statementOf, timnOf } from './support/neighbour.ts';

const SELF = 100;

/** Takes what has a higher sequence, up to a limit on how many it keeps. */
class FakeFiles {
  readonly statements = new Map<string, FileStatement>();
  limit = Infinity;

  apply(statement: FileStatement): boolean {
    const key = `${statement.origin}/${statement.record.name}`;
    if ((this.statements.get(key)?.sequence ?? 0) >= statement.sequence) return false;
    if (this.statements.size >= this.limit) throw new KernelError('ERR_LIMIT', 'too many');
    this.statements.set(key, statement);
    return true;
  }

  *statementsOf(origin: string): Iterable<FileStatement> {
    for (const statement of this.statements.values()) if (statement.origin === origin) yield statement;
  }
}

class World {
  readonly clock = new VirtualClock();
  readonly files = new FakeFiles();
  readonly log = new RecordingLogger();
  readonly membership = new Membership({ self: idOf(SELF), clock: this.clock });
  readonly connections = new DirectConnections({ self: idOf(SELF), settings: settingsSchema.parse({}) });
  readonly joined: string[] = [];
  readonly updated: string[] = [];
  readonly left: string[] = [];
  readonly suspected: string[] = [];
  believesSuspicions = true;
  /** Whom some neighbour says that it hears. */
  readonly heard = new Set<string>();
  readonly self: SelfRecord;
  readonly gossip: Gossip;

  private constructor(self: SelfRecord) {
    this.self = self;
    this.gossip = new Gossip({
      self,
      clock: this.clock,
      random: seededRandom(1),
      logger: this.log,
      settings: settingsSchema.parse({}),
      files: this.files,
      membership: this.membership,
      connections: () => this.connections,
      onJoined: ({ id }) => this.joined.push(id),
      onUpdated: ({ id }) => this.updated.push(id),
      onLeft: ({ id }) => this.left.push(id),
      onSuspected: ({ id }) => {
        this.suspected.push(id);
        return this.believesSuspicions;
      },
      isHeardOf: (id) => this.heard.has(id),
    });
  }

  static async make(): Promise<World> {
    const self = await SelfRecord.load({
      id: idOf(SELF),
      index: memoryIndex(),
      place: undefined,
      advertise: '10.0.0.100:1',
    });
    return new World(self);
  }

  /** A neighbour that has told its network. */
  async neighbour(number: number, features?: readonly string[], runningSince?: () => number): Promise<Neighbour> {
    const { clock, gossip } = this;
    const neighbour = new Neighbour(number, {
      clock,
      ...(features && { features }),
      ...(runningSince && { runningSince }),
      onMessage: (message, from) => gossip.receive(message, from),
    });
    this.connections.add(neighbour.connection);
    neighbour.connection.start();
    neighbour.session.say(timnOf(number));
    await clock.advance(0);
    for (const { session } of this.#all) session.sent.length = 0;
    this.#all.push(neighbour);
    neighbour.session.sent.length = 0;
    return neighbour;
  }

  readonly #all: Neighbour[] = [];
}

const types = (messages: readonly DecodedFrame[]) => messages.map(({ type }) => type);
const left = (node: NodeRecord) => ({ type: 'LEFT', node }) as const;

let world: World;
let a: Neighbour;
let b: Neighbour;

beforeEach(async () => {
  world = await World.make();
  a = await world.neighbour(1);
  b = await world.neighbour(2);
});

/** The neighbour says something, and everything that follows from it happens. */
async function say(neighbour: Neighbour, ...messages: readonly Message[]): Promise<void> {
  neighbour.session.say(...messages);
  await world.clock.advance(0);
}

describe('news', () => {
  test('of a file goes to all others, once', async () => {
    const message = { type: 'FILE', statement: statementOf(1, 'x') } as const;
    await say(a, message, message);
    expect([types(a.told), types(b.told)]).toEqual([[], ['FILE']]);
  });

  test('of a node goes to all others, with its files', async () => {
    const files = [statementOf(3, 'x'), statementOf(3, 'y')];
    await say(a, { ...timnOf(1), others: [{ node: recordOf(3), files }] });
    expect(world.joined).toContain(idOf(3));
    expect(a.told).toEqual([]);
    expect(b.told).toMatchObject([{ type: 'JOIN', others: [{ node: { id: idOf(3) }, files: [{}, {}] }] }]);
  });

  test('that is none stays where it is', async () => {
    await say(a, timnOf(1));
    expect(b.told).toEqual([]);
  });

  test('of our own files goes to everybody', async () => {
    world.gossip.announce(statementOf(SELF, 'x'));
    await world.clock.advance(0);
    expect([types(a.told), types(b.told)]).toEqual([['FILE'], ['FILE']]);
  });

  test('of a node nobody knows is not taken for its word', async () => {
    await say(a, { type: 'FILE', statement: statementOf(9, 'x') });
    expect([b.told, world.files.statements.size]).toEqual([[], 0]);
  });

  test('that is more than is kept costs nobody the connection, and one warning', async () => {
    world.files.limit = 1;
    await say(a, ...['x', 'y', 'z'].map((name) => ({ type: 'FILE', statement: statementOf(1, name) }) as const));
    expect(a.ends).toEqual([]);
    expect(types(b.told)).toEqual(['FILE']);
    expect(world.log.named('statement.not_kept').map(({ level }) => level)).toEqual(['warn', 'debug']);
  });
});

describe('a new direct connection', () => {
  test('is told all living nodes but itself, with their files and ours', async () => {
    world.files.apply(statementOf(SELF, 'ours'));
    world.files.apply(statementOf(2, 'theirs'));
    const c = new Neighbour(3, { clock: world.clock });
    c.connection.start();
    world.gossip.introduce(c.connection);
    await world.clock.advance(0);
    expect(c.told).toMatchObject([
      {
        type: 'TIMN',
        own: { node: { id: idOf(SELF) }, files: [{ record: { name: 'ours' } }] },
        others: [
          { node: { id: idOf(1) }, files: [] },
          { node: { id: idOf(2) }, files: [{ record: { name: 'theirs' } }] },
        ],
      },
    ]);
  });
});

describe('the loss of a node', () => {
  beforeEach(async () => {
    await say(a, { ...timnOf(1), others: [{ node: recordOf(3), files: [statementOf(3, 'x')] }] });
    b.session.sent.length = 0;
  });

  test('is told on, once', async () => {
    await say(a, left(recordOf(3)), left(recordOf(3)));
    expect(world.left).toEqual([idOf(3)]);
    expect([a.told, types(b.told)]).toEqual([[], ['LEFT']]);
  });

  test('by its own BYEF goes to all others', async () => {
    await say(a, { type: 'BYEF', node: recordOf(1) });
    expect(world.left).toEqual([idOf(1)]);
    expect(b.told).toMatchObject([{ type: 'LEFT', node: { id: idOf(1) } }]);
  });

  test('is no news where it has come back with a higher incarnation', async () => {
    await say(a, { ...timnOf(1), others: [{ node: recordOf(3, 2), files: [] }] });
    b.session.sent.length = 0;
    await say(a, left(recordOf(3, 1)));
    expect([world.left, b.told]).toEqual([[], []]);
  });

  test('is not believed of a neighbour, who is told instead so that it can answer', async () => {
    await say(a, left(recordOf(2)));
    expect(world.left).toEqual([]);
    expect(b.told).toMatchObject([{ type: 'LEFT', node: { id: idOf(2) } }]);
  });

  test('is believed of a neighbour when its silence has lasted for too long, though this node stood still and gives it its time anew', async () => {
    const { clock } = world;
    const c = await world.neighbour(3, undefined, () => clock.now() - 1);
    await clock.advance(9_000);
    await say(a, left(recordOf(3)));
    await clock.advance(999);
    expect(c.ends).toEqual([]);
    await clock.advance(1);
    expect(c.ends).toEqual(['silent']);
  });

  test('that a neighbour refuted before it was told here changes nothing for that neighbour', async () => {
    const { clock } = world;
    const c = await world.neighbour(3, undefined, () => clock.now() - 1);
    await say(c, { ...timnOf(3), own: { node: recordOf(3, 2), files: [] } });
    await say(a, left(recordOf(3)));
    await clock.advance(60_000);
    expect(c.ends).toEqual([]);
  });

  test('makes whoever still believes in the node ask for it, since either may have missed something', async () => {
    await say(a, left(recordOf(3)));
    await say(b, { ...timnOf(2), others: [{ node: recordOf(3), files: [] }] });
    expect(b.told).toMatchObject([{ type: 'LEFT' }, { type: 'SUSP', nodes: [{ id: idOf(3) }] }]);
  });

  test('is told to whoever still believes in the node and does not know how to ask', async () => {
    const old = await world.neighbour(4, []);
    await say(a, left(recordOf(3)));
    await say(old, { ...timnOf(4), others: [{ node: recordOf(3), files: [] }] });
    expect(old.told).toMatchObject([{ type: 'LEFT' }, { type: 'LEFT', node: { id: idOf(3) } }]);
  });

  test('that it has refuted since is set right with whoever tells of it', async () => {
    await say(a, { ...timnOf(1), others: [{ node: recordOf(3, 2), files: [] }] });
    await say(a, left(recordOf(3, 1)));
    expect(a.told).toMatchObject([{ type: 'JOIN', others: [{ node: { id: idOf(3), incarnation: 2 } }] }]);
  });

  test('is undone for those who came meanwhile too: they are told the files as well', async () => {
    await say(a, left(recordOf(3)));
    b.session.sent.length = 0;
    await say(a, { ...timnOf(1), others: [{ node: recordOf(3, 2), files: [] }] });
    expect(b.told).toMatchObject([{ type: 'JOIN', others: [{ node: { id: idOf(3) }, files: [{ origin: idOf(3) }] }] }]);
  });
});

describe('a suspicion', () => {
  const suspect = (...nodes: readonly NodeRecord[]) => ({ type: 'SUSP', nodes }) as const;

  beforeEach(async () => {
    await say(a, { ...timnOf(1), others: [{ node: recordOf(3), files: [] }] });
    b.session.sent.length = 0;
  });

  test('that is news is told on, and nobody is gone yet', async () => {
    await say(a, suspect(recordOf(3)));
    expect([world.suspected, world.left, a.told, b.told]).toEqual([[idOf(3)], [], [], [suspect(recordOf(3))]]);
  });

  test('that is no news, or that we know better of, stays where it is', async () => {
    world.believesSuspicions = false;
    await say(a, suspect(recordOf(3)));
    expect(b.told).toEqual([]);
  });

  test('of a neighbour goes to it, which can refute it', async () => {
    world.believesSuspicions = false;
    await say(a, suspect(recordOf(2)));
    expect(b.told).toEqual([suspect(recordOf(2))]);
  });

  test('of this node is refuted with a higher incarnation, to everybody', async () => {
    await say(a, suspect(recordOf(SELF)));
    expect(world.self.incarnation).toBe(2);
    for (const neighbour of [a, b])
      expect(neighbour.told).toMatchObject([{ type: 'JOIN', own: { node: { id: idOf(SELF), incarnation: 2 } } }]);
  });

  test('told by whoever only asks whether it is there is refuted too', async () => {
    world.gossip.refute([recordOf(3), recordOf(SELF)]);
    await world.clock.advance(0);
    expect(types(a.told)).toEqual(['JOIN']);
  });

  test.each([
    ['nobody knows', recordOf(9)],
    ['has said more since', recordOf(1, 1)],
  ])('of a node that %s is nothing to us', async (_what, node) => {
    await say(a, { ...timnOf(1), own: { node: recordOf(1, 2), files: [] } });
    b.session.sent.length = 0;
    await say(b, suspect(node));
    expect([world.suspected, b.told]).toEqual([[], []]);
  });

  test('is over when the node has a higher incarnation', async () => {
    await say(a, { ...timnOf(1), others: [{ node: recordOf(3, 2), files: [] }] });
    expect(world.updated).toEqual([idOf(3)]);
  });
});

describe('what is said of this node itself', () => {
  test('that it left is answered with a higher incarnation, to everybody', async () => {
    await say(a, left(recordOf(SELF)));
    expect(world.self.incarnation).toBe(2);
    for (const neighbour of [a, b])
      expect(neighbour.told).toMatchObject([{ type: 'JOIN', own: { node: { id: idOf(SELF), incarnation: 2 } } }]);
  });

  test('again and again makes no storm: one answer a second, with the last incarnation', async () => {
    for (let round = 0; round < 50; round++) await say(a, left(recordOf(SELF, world.self.incarnation)));
    expect(b.told).toHaveLength(1);
    await world.clock.advance(1_000);
    expect(b.told).toHaveLength(2);
    expect(b.told.at(-1)).toMatchObject({ own: { node: { incarnation: 51 } } });
    await world.clock.advance(5_000);
    expect(b.told).toHaveLength(2);
  });

  test('from before its last start is ignored', async () => {
    await world.self.raiseAbove(4);
    await say(a, left(recordOf(SELF, 4)));
    expect(world.self.incarnation).toBe(5);
  });

  test('under a higher incarnation is from a life it forgot: it goes above that', async () => {
    await say(a, { ...timnOf(1), others: [{ node: recordOf(SELF, 7), files: [] }] });
    expect(world.self.incarnation).toBe(8);
  });

  test('under an incarnation that leaps is ignored with a warning', async () => {
    await say(a, left(recordOf(SELF, Number.MAX_SAFE_INTEGER)));
    expect(world.self.incarnation).toBe(1);
    expect(world.log.named('self.claim_ignored')).toHaveLength(1);
  });

  test('leaves no timer when gossip closes', async () => {
    await say(a, left(recordOf(SELF)));
    for (const { connection } of [a, b]) connection.retire(new Error('over'));
    await world.gossip.close();
    expect(world.clock.pendingTimers).toBe(0);
  });
});

describe('a peer that speaks for another', () => {
  test.each(['TIMN', 'JOIN', 'BYEF'] as const)('in %s loses its connection and changes nothing', async (type) => {
    await say(a, type === 'BYEF' ? { type, node: recordOf(2) } : { ...timnOf(2), type });
    expect(a.session.abortedWith).toMatchObject({ code: 'ERR_PEER_MISMATCH' });
    expect([world.left, b.told]).toEqual([[], []]);
  });
});

describe('that a node is gone which a neighbour hears', () => {
  beforeEach(async () => {
    await say(a, { ...timnOf(1), others: [{ node: recordOf(3), files: [] }] });
    world.heard.add(idOf(3));
    await say(a, left(recordOf(3)), left(recordOf(3)));
  });

  test('is passed on once, so that it hears of it, and not believed', () => {
    expect(types(b.told)).toEqual(['JOIN', 'LEFT']);
    world.gossip.settleDisputes();
    expect(world.left).toEqual([]);
  });

  test('is believed when nobody hears it any more, and not passed on again', async () => {
    world.heard.clear();
    world.gossip.settleDisputes();
    world.gossip.settleDisputes();
    await world.clock.advance(0);
    expect(world.left).toEqual([idOf(3)]);
    expect(types(b.told)).toEqual(['JOIN', 'LEFT']);
  });

  test('is believed at once where the same is said again and nobody hears it any more', async () => {
    world.heard.clear();
    await say(b, left(recordOf(3)));
    expect(world.left).toEqual([idOf(3)]);
    expect(types(a.told)).toEqual([]);
  });

  test('is forgotten when the node refutes it', async () => {
    await say(b, { ...timnOf(2), others: [{ node: recordOf(3, 2), files: [] }] });
    world.heard.clear();
    world.gossip.settleDisputes();
    expect(world.left).toEqual([]);
  });

  test('is forgotten when the node was heard for as long as a silence may last', async () => {
    await world.clock.advance(10_000);
    world.gossip.settleDisputes();
    world.heard.clear();
    world.gossip.settleDisputes();
    expect(world.left).toEqual([]);
  });
});
