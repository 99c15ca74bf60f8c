import { VirtualClock } from '../../../src/kit/virtual-clock.ts';
import { Membership } from '../../../src/node/overlay/membership.ts';
import type { NodeRecord } from '../../../src/node/records.ts';

const SELF = '0'.repeat(32);
const record = (incarnation: number, address = '10.0.0.1:1'): NodeRecord => ({
  id: '1'.repeat(32),
  address,
  incarnation,
});
const { id } = record(1);

function membership(): Membership {
  return new Membership({ self: SELF, clock: new VirtualClock() });
}

describe('membership', () => {
  test('a node heard of for the first time has joined, and only once', () => {
    const members = membership();
    expect(members.learn(record(1))).toBe('joined');
    expect(members.learn(record(1))).toBeUndefined();
    expect(members.alive()).toEqual([record(1)]);
  });

  test('a higher incarnation of a living node is an update, with its new address', () => {
    const members = membership();
    members.learn(record(1));
    expect(members.learn(record(2, '10.0.0.1:2'))).toBe('updated');
    expect(members.get(id)?.record.address).toBe('10.0.0.1:2');
  });

  test('a lower incarnation changes nothing', () => {
    const members = membership();
    members.learn(record(5));
    expect(members.learn(record(4, '10.9.9.9:9'))).toBeUndefined();
    expect(members.get(id)?.record).toEqual(record(5));
  });

  test('of one incarnation "left" stands over "alive", in either order', () => {
    const members = membership();
    members.learn(record(1));
    expect(members.leave(id, 1)?.record.id).toBe(id);
    expect(members.learn(record(1))).toBeUndefined();
    expect(members.isAlive(id)).toBe(false);
  });

  test('a "left" of an older incarnation is ignored', () => {
    const members = membership();
    members.learn(record(2));
    expect(members.leave(id, 1)).toBeUndefined();
    expect(members.isAlive(id)).toBe(true);
  });

  test('a "left" is news once', () => {
    const members = membership();
    members.learn(record(1));
    members.leave(id, 1);
    expect(members.leave(id, 1)).toBeUndefined();
  });

  test('a node that left joins again with a higher incarnation', () => {
    const members = membership();
    members.learn(record(1));
    members.leave(id, 1);
    expect(members.learn(record(2))).toBe('joined');
    expect(members.isAlive(id)).toBe(true);
  });

  test('a "left" of a node nobody knows is no news', () => {
    expect(membership().leave(id, 7)).toBeUndefined();
  });

  test('an incarnation that leaps is ignored, so that nobody puts a node where it cannot answer', () => {
    const members = membership();
    members.learn(record(1));
    expect(members.leave(id, Number.MAX_SAFE_INTEGER)).toBeUndefined();
    expect(members.learn(record(Number.MAX_SAFE_INTEGER))).toBeUndefined();
    expect(members.get(id)?.record.incarnation).toBe(1);
  });

  test('the node itself is no member', () => {
    const members = membership();
    expect(members.learn({ id: SELF, address: '10.0.0.9:9', incarnation: 3 })).toBeUndefined();
    expect(members.alive()).toEqual([]);
  });

  test('an address that was missing is filled in, and a known one survives news without', () => {
    const members = membership();
    members.learn(record(1, ''));
    members.learn(record(1, '10.0.0.1:1'));
    expect(members.get(id)?.record.address).toBe('10.0.0.1:1');
    members.learn(record(2, ''));
    expect(members.get(id)?.record.address).toBe('10.0.0.1:1');
  });

  test('of too many nodes the one that left first gives way, and a living one never does', async () => {
    const clock = new VirtualClock();
    const members = new Membership({ self: SELF, clock, limit: 3 });
    const [a, b, c, d, e, f] = ['a', 'b', 'c', 'd', 'e', 'f'].map((digit) => ({
      ...record(1),
      id: digit.repeat(32),
    })) as [NodeRecord, NodeRecord, NodeRecord, NodeRecord, NodeRecord, NodeRecord];
    for (const each of [a, b, c]) members.learn(each);
    expect(members.learn(d)).toBeUndefined();
    members.leave(b.id, 1);
    await clock.advance(1);
    members.leave(a.id, 1);
    expect(members.learn(e)).toBe('joined');
    expect([members.get(b.id), members.get(a.id)?.alive]).toEqual([undefined, false]);
    expect(members.learn(f)).toBe('joined');
    expect(members.alive()).toEqual([c, e, f]);
  });

  test('a node that has been gone for a day is forgotten, and given out once', async () => {
    const clock = new VirtualClock();
    const members = new Membership({ self: SELF, clock });
    members.learn(record(1));
    members.leave(id, 1);
    await clock.advance(24 * 60 * 60 * 1000 - 1);
    expect(members.forgetGone()).toEqual([]);
    await clock.advance(1);
    expect([members.forgetGone(), members.forgetGone()]).toEqual([[id], []]);
    expect(members.get(id)).toBeUndefined();
  });
});
