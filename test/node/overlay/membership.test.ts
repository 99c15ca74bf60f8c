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
});
