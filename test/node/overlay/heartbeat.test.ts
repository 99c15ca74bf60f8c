import { settingsSchema } from '../../../src/kernel/index.ts';
import { memoryIndex, VirtualClock } from '../../../src/kit/index.ts';
import { decodeFrame } from '../../../src/node/messages/codec.ts';
import { DirectConnections } from '../../../src/node/overlay/direct-connections.ts';
import { Heartbeat } from '../../../src/node/overlay/heartbeat.ts';
import { Membership } from '../../../src/node/overlay/membership.ts';
import { NeighbourTable } from '../../../src/node/overlay/neighbour-table.ts';
import { OwnPace } from '../../../src/node/overlay/own-pace.ts';
import { SelfRecord } from '../../../src/node/overlay/self-record.ts';
import { bTree, inorderBinaryTree } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { Neighbour, hbOf, idOf, recordOf } from './support/neighbour.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const SELF = 0;

async function make(priority = createPlugin(bTree()), limit = 2) {
  const settings = settingsSchema.parse({ directConnections: limit, heartbeatMs: 2_000, deadMs: 10 * DAY_MS });
  const clock = new VirtualClock();
  const self = await SelfRecord.load({ id: idOf(SELF), index: memoryIndex(), place: undefined, advertise: undefined });
  const connections = new DirectConnections({ self: self.id, settings });
  const membership = new Membership({ self: self.id, clock });
  const neighbours = new NeighbourTable({ priority, settings });
  const bytes = new Map<string, number>();
  const forgotten: string[] = [];
  const log = new RecordingLogger();
  const files = {
    holdingsOf: (id: string) => ({ bytes: bytes.get(id) ?? 0 }),
    forget: (id: string) => void forgotten.push(id),
  };
  let beats = 0;
  const silent = new Set<string>();
  const onBeat = () => void (beats += 1);
  const heartbeat = new Heartbeat({
    self,
    clock,
    logger: log,
    settings,
    connections,
    membership,
    neighbours,
    pace: new OwnPace({ clock, settings }),
    files,
    isHeard: ({ peer }) => !silent.has(peer),
    onBeat,
  });
  const connect = (number: number): Neighbour => {
    const neighbour = new Neighbour(number, { clock, settings: { deadMs: 10 * DAY_MS } });
    neighbour.connection.start();
    connections.add(neighbour.connection);
    membership.learn(recordOf(number));
    heartbeat.rescore(recordOf(number));
    return neighbour;
  };
  return {
    clock,
    connections,
    membership,
    neighbours,
    bytes,
    forgotten,
    log,
    silent,
    heartbeat,
    connect,
    beats: () => beats,
  };
}

describe('the heartbeat', () => {
  test('goes to every neighbour each interval, and says who the others are', async () => {
    const { clock, heartbeat, connect, beats } = await make();
    const [a, b] = [connect(1), connect(2)];
    heartbeat.start();
    await clock.advance(6_000);
    expect(beats()).toBe(3);
    for (const { session } of [a, b]) {
      expect(session.types).toEqual(['HB', 'HB', 'HB']);
      expect(decodeFrame(session.sent[0] as Uint8Array)).toMatchObject({ connections: [recordOf(1), recordOf(2)] });
    }
  });

  test('goes to a neighbour of whom nothing is heard too, but does not name it: who is named lives, by our word', async () => {
    const { clock, heartbeat, connect, silent } = await make();
    const [a, b] = [connect(1), connect(2)];
    silent.add(idOf(2));
    heartbeat.beat();
    await clock.advance(0);
    for (const { session } of [a, b]) {
      expect(decodeFrame(session.sent[0] as Uint8Array)).toMatchObject({ connections: [recordOf(1)] });
    }
  });

  test('goes out at once where it is asked to', async () => {
    const { clock, heartbeat, connect } = await make();
    const a = connect(1);
    heartbeat.beat();
    await clock.advance(0);
    expect(a.session.types).toEqual(['HB']);
  });

  test('ends when it is closed, and leaves no timer', async () => {
    const { clock, heartbeat } = await make();
    heartbeat.start();
    await clock.advance(2_000);
    await heartbeat.close();
    expect(clock.pendingTimers).toBe(0);
  });

  test('weighs 64 of very many members at a time, all of them in turn', async () => {
    const { clock, heartbeat, membership, neighbours, bytes } = await make();
    for (let number = 1; number <= 200; number++) {
      membership.learn(recordOf(number));
      heartbeat.rescore(recordOf(number));
    }
    const [best] = neighbours;
    bytes.set(idOf(1), 1_000);
    heartbeat.start();
    await clock.advance(2_000 * 8);
    expect(best).toBe(idOf(1));
    expect([...neighbours].at(-1)).toBe(idOf(1));
    expect(neighbours.size).toBe(200);
  });

  test('moves a neighbour in the order when it is measured, and when it holds more than others', async () => {
    const { clock, heartbeat, connect, neighbours, bytes } = await make();
    connect(1);
    const b = connect(2);
    heartbeat.start();
    await clock.advance(1_000);
    b.session.say({ ...hbOf(), echo: 990, heldMs: 0 });
    await clock.advance(1_000);
    expect([...neighbours]).toEqual([idOf(2), idOf(1)]);
    b.connection.rtt.update(100);
    bytes.set(idOf(2), 1_000);
    for (let samples = 0; samples < 50; samples++) b.connection.rtt.update(100);
    await clock.advance(2_000);
    expect([...neighbours]).toEqual([idOf(1), idOf(2)]);
  });

  test('forgets a node, and its files, when it has been gone for a day', async () => {
    const { clock, heartbeat, membership, forgotten } = await make();
    membership.learn(recordOf(1));
    membership.learn(recordOf(2));
    membership.leave(idOf(1), 1);
    heartbeat.start();
    await clock.advance(DAY_MS - 2_000);
    expect([forgotten, membership.get(idOf(1))?.alive]).toEqual([[], false]);
    await clock.advance(4_000);
    expect([forgotten, membership.get(idOf(1)), membership.isAlive(idOf(2))]).toEqual([[idOf(1)], undefined, true]);
    await heartbeat.close();
  });
});

describe.each([
  ['b-tree', () => createPlugin(bTree())],
  ['inorder-binary-tree', () => createPlugin(inorderBinaryTree())],
])('surplus connections, by the order of %s', (_name, priority) => {
  // Of both triangles, 0-8-11 and 0-8-13, our connection to the last is the longest by xor: either may go.
  test.each([
    [11, 13],
    [13, 11],
  ])('beyond the limit go worst first: %i before %i', async (worst, better) => {
    const { clock, heartbeat, connect, connections, neighbours } = await make(priority(), 2);
    const spokes = [8, worst, better].map(connect);
    spokes[0]?.connection.rtt.update(2);
    spokes[1]?.connection.rtt.update(900);
    spokes[2]?.connection.rtt.update(200);
    for (const number of [8, worst, better]) heartbeat.rescore(recordOf(number));
    expect([...neighbours]).toEqual([8, better, worst].map(idOf));
    for (const { session } of spokes) session.say(hbOf(SELF, 8, 11, 13));
    await clock.advance(0);
    heartbeat.start();
    await clock.advance(2_000);
    expect([...connections].map(({ peer }) => peer)).toEqual([8, better].map(idOf));
    expect(spokes[1]?.session.closed).toBe(true);
  });

  test('stay where the other end has none of our neighbours', async () => {
    const { clock, heartbeat, connect, connections } = await make(priority(), 1);
    for (const number of [8, 9]) connect(number).session.say(hbOf(SELF, 7));
    await clock.advance(0);
    heartbeat.start();
    await clock.advance(10_000);
    expect(connections.size).toBe(2);
  });

  test('stay within the limit', async () => {
    const { clock, heartbeat, connect, connections } = await make(priority(), 2);
    for (const number of [1, 9]) connect(number).session.say(hbOf(SELF, 1, 9));
    await clock.advance(0);
    heartbeat.start();
    await clock.advance(10_000);
    expect(connections.size).toBe(2);
  });
});

describe('three nodes that are all connected and all have too many connections', () => {
  test('stay joined though all drop at the same time', async () => {
    const dropped: string[] = [];
    for (const self of [1, 2, 4]) {
      const others = [1, 2, 4].filter((number) => number !== self);
      const settings = settingsSchema.parse({ directConnections: 1 });
      const clock = new VirtualClock();
      const record = await SelfRecord.load({
        id: idOf(self),
        index: memoryIndex(),
        place: undefined,
        advertise: undefined,
      });
      const connections = new DirectConnections({ self: record.id, settings });
      const membership = new Membership({ self: record.id, clock });
      const neighbours = new NeighbourTable({ priority: createPlugin(bTree()), settings });
      const files = { holdingsOf: () => ({ bytes: 0 }), forget: () => undefined };
      const log = new RecordingLogger();
      const options = { clock, logger: log, settings, connections, membership, neighbours, files, self: record };
      const heartbeat = new Heartbeat({
        ...options,
        pace: new OwnPace(options),
        isHeard: () => true,
        onBeat: () => undefined,
      });
      for (const number of others) {
        const neighbour = new Neighbour(number, { clock });
        neighbour.connection.start();
        connections.add(neighbour.connection);
        membership.learn(recordOf(number));
        heartbeat.rescore(recordOf(number));
        neighbour.session.say(hbOf(...[1, 2, 4].filter((other) => other !== number)));
      }
      await clock.advance(0);
      heartbeat.start();
      await clock.advance(2_000);
      await heartbeat.close();
      for (const { fields } of log.named('direct.dropped')) {
        dropped.push([idOf(self), String(fields['peer'])].sort().join());
      }
    }
    expect([...new Set(dropped)]).toEqual([[idOf(2), idOf(4)].join()]);
  });
});
