import { KernelError, settingsSchema, type SettingsInput } from '../../../src/kernel/index.ts';
import { memoryIndex, VirtualClock } from '../../../src/kit/index.ts';
import { DialBudget } from '../../../src/node/overlay/dial-budget.ts';
import { DirectConnections } from '../../../src/node/overlay/direct-connections.ts';
import { Healer } from '../../../src/node/overlay/healer.ts';
import { Membership } from '../../../src/node/overlay/membership.ts';
import { SelfRecord } from '../../../src/node/overlay/self-record.ts';
import type { NodeRecord } from '../../../src/node/records.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { Neighbour, idOf, recordOf } from './support/neighbour.ts';

/** Between the ports of nodes 4 and 5: we dial those below, those above dial us. */
const OUR_ADDRESS = '10.0.0.100:7004';
const GONE = recordOf(9);

async function make(input: SettingsInput = {}) {
  const settings = settingsSchema.parse(input);
  const clock = new VirtualClock();
  const self = await SelfRecord.load({
    id: idOf(0),
    index: memoryIndex(),
    place: undefined,
    advertise: OUR_ADDRESS,
  });
  const membership = new Membership({ self: self.id, clock });
  const connections = new DirectConnections({ self: self.id, settings });
  const log = new RecordingLogger();
  const lifetime = new AbortController();
  const unreachable: string[] = [];
  const doubted: { readonly at: number; readonly id: string }[] = [];
  const dialled: { readonly at: number; readonly id: string }[] = [];
  /** What dialling a node comes to: a code, or success. */
  const outcomes = new Map<string, 'ERR_DIAL_FAILED' | 'ERR_FULL'>();
  const ranked: string[] = [];
  const connect = (number: number) => connections.add(new Neighbour(number, { clock }).connection);
  const healer = new Healer({
    self,
    clock,
    logger: log,
    settings,
    membership,
    connections,
    ranked,
    budget: new DialBudget({ clock, perMinute: settings.dialsPerMinute }),
    signal: lifetime.signal,
    dial: async ({ id }: NodeRecord) => {
      dialled.push({ at: clock.now(), id });
      const code = outcomes.get(id);
      if (code !== undefined) throw new KernelError(code, 'as the test wants it');
      connect(parseInt(id, 16));
    },
    onDoubted: ({ id }, at) => doubted.push({ at, id }),
    onUnreachable: ({ id, incarnation }) => {
      unreachable.push(id);
      ranked.splice(ranked.indexOf(id), 1);
      membership.leave(id, incarnation);
    },
  });
  const know = (...numbers: readonly number[]) => {
    for (const number of numbers) {
      membership.learn(recordOf(number));
      ranked.push(idOf(number));
    }
  };
  const close = async () => {
    lifetime.abort(new KernelError('ERR_CLOSED', 'over'));
    await healer.close();
  };
  return {
    healer,
    clock,
    membership,
    connections,
    dialled,
    outcomes,
    unreachable,
    doubted,
    know,
    connect,
    close,
    lifetime,
  };
}

const ids = (dials: readonly { readonly id: string }[]) => dials.map(({ id }) => id);
const survivors = (...numbers: readonly number[]) => numbers.map((number) => recordOf(number));

describe('healing', () => {
  test('dials those with the lower ports at once, and the others where no connection came after a while', async () => {
    const { healer, clock, dialled, know } = await make();
    know(2, 5);
    healer.heal(GONE, survivors(2, 5));
    await clock.advance(10_000);
    expect(dialled).toEqual([
      { at: 0, id: idOf(2) },
      { at: 2_000, id: idOf(5) },
    ]);
  });

  test('leaves alone who connected by itself meanwhile', async () => {
    const { healer, clock, dialled, know, connect } = await make();
    know(5);
    healer.heal(GONE, survivors(5));
    await clock.advance(1_000);
    connect(5);
    await clock.advance(10_000);
    expect(dialled).toEqual([]);
  });

  test('dials nobody who left', async () => {
    const { healer, clock, dialled, know, membership } = await make();
    know(2);
    membership.leave(idOf(2), 1);
    healer.heal(GONE, survivors(2));
    await clock.advance(10_000);
    expect(dialled).toEqual([]);
  });

  test('dials one survivor once, though two that are gone name it', async () => {
    const { healer, clock, dialled, know } = await make();
    know(2);
    healer.heal(GONE, survivors(2));
    healer.heal(recordOf(8), survivors(2));
    await clock.advance(10_000);
    expect(dialled).toHaveLength(1);
  });

  test('tries again who does not answer, and says it is gone when that has lasted as long as a silence may', async () => {
    const { healer, clock, dialled, outcomes, unreachable, know, connect } = await make();
    connect(1);
    know(2);
    outcomes.set(idOf(2), 'ERR_DIAL_FAILED');
    healer.heal(GONE, survivors(2));
    await clock.advance(9_999);
    expect([dialled.length, unreachable]).toEqual([5, []]);
    await clock.advance(1);
    expect(unreachable).toEqual([idOf(2)]);
    await clock.advance(60_000);
    expect(dialled).toHaveLength(6);
  });

  test('asks others about who does not answer, from the first attempt on', async () => {
    const { healer, clock, outcomes, doubted, know, connect } = await make();
    connect(1);
    know(2, 3);
    outcomes.set(idOf(2), 'ERR_DIAL_FAILED');
    healer.heal(GONE, survivors(2, 3));
    expect(healer.isPursued(idOf(2))).toBe(true);
    await clock.advance(3_000);
    expect(doubted).toEqual([
      { at: 0, id: idOf(2) },
      { at: 0, id: idOf(2) },
    ]);
    expect(healer.isPursued(idOf(3))).toBe(false);
  });

  test('that meets a second loss reaches for those behind it, until somebody answers', async () => {
    const { healer, clock, dialled, outcomes, unreachable, know, connect } = await make();
    connect(1);
    know(1, 2, 3, 4, 5, 6);
    for (const number of [2, 3, 4, 5]) outcomes.set(idOf(number), 'ERR_DIAL_FAILED');
    healer.heal(GONE, survivors(2));
    await clock.advance(40_000);
    expect(unreachable.sort()).toEqual([2, 3, 4, 5].map(idOf));
    expect(ids(dialled)).toContain(idOf(6));
    expect(ids(dialled)).not.toContain(idOf(1));
  });

  test('is not given up where the budget of dials is used up: it waits', async () => {
    const { healer, clock, dialled, outcomes, know, connect } = await make({ dialsPerMinute: 1 });
    connect(1);
    know(2, 3);
    outcomes.set(idOf(2), 'ERR_DIAL_FAILED');
    healer.heal(GONE, survivors(2, 3));
    await clock.advance(30_000);
    expect(dialled).toHaveLength(1);
    await clock.advance(180_000);
    expect(ids(dialled)).toContain(idOf(3));
  });

  test('is content with a survivor that is full', async () => {
    const { healer, clock, dialled, outcomes, unreachable, know, connect } = await make();
    connect(1);
    know(2);
    outcomes.set(idOf(2), 'ERR_FULL');
    healer.heal(GONE, survivors(2));
    await clock.advance(60_000);
    expect([dialled.length, unreachable]).toEqual([1, []]);
  });

  test('ends with the node, in the middle of a wait, and leaves no timer', async () => {
    const { healer, clock, know, close } = await make();
    know(5);
    healer.heal(GONE, survivors(5));
    await close();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a node without any neighbour', () => {
  test('dials the best-placed it knows, three at once', async () => {
    const { healer, clock, dialled, outcomes, know } = await make();
    know(5, 2, 4, 3);
    for (const number of [5, 2, 4]) outcomes.set(idOf(number), 'ERR_DIAL_FAILED');
    healer.ensureConnected();
    await clock.advance(0);
    expect(ids(dialled)).toEqual([5, 2, 4].map(idOf));
    await clock.advance(30_000);
    expect(ids(dialled)).toContain(idOf(3));
  });

  test('goes on asking where all are full, and not in a storm', async () => {
    const { healer, clock, dialled, outcomes, connections, know } = await make();
    know(2);
    outcomes.set(idOf(2), 'ERR_FULL');
    healer.ensureConnected();
    await clock.advance(20_000);
    expect(dialled.length).toBeLessThanOrEqual(11);
    outcomes.clear();
    await clock.advance(2_000);
    expect(connections.size).toBe(1);
  });
});

describe('a connection that was lost', () => {
  test('is dialled again while that is wanted, first after a moment', async () => {
    const { healer, clock, dialled, outcomes, know } = await make();
    know(2);
    outcomes.set(idOf(2), 'ERR_DIAL_FAILED');
    let wanted = true;
    healer.redial(recordOf(2), () => wanted);
    await clock.advance(199);
    expect(dialled).toEqual([]);
    await clock.advance(4_001);
    expect(dialled).toHaveLength(3);
    wanted = false;
    await clock.advance(60_000);
    expect(dialled).toHaveLength(3);
  });

  test('is not dialled where another replaced it in that moment', async () => {
    const { healer, clock, dialled, connect } = await make();
    healer.redial(recordOf(2), () => true);
    connect(2);
    await clock.advance(10_000);
    expect(dialled).toEqual([]);
  });
});
