import { settingsSchema } from '../../../src/kernel/index.ts';
import { DirectConnections } from '../../../src/node/overlay/direct-connections.ts';
import { Neighbour, idOf } from './support/neighbour.ts';

function connections(self = 5): DirectConnections {
  const settings = settingsSchema.parse({ directConnections: 2, recoveryConnections: 1 });
  return new DirectConnections({ self: idOf(self), settings });
}

function filled(...numbers: readonly number[]): DirectConnections {
  const table = connections();
  for (const number of numbers) table.add(new Neighbour(number).connection);
  return table;
}

describe('the table of direct connections', () => {
  test('is full at its limit, and for healing only beyond it', () => {
    const table = filled(1, 2);
    expect(table.isFull(idOf(3), false)).toBe(true);
    expect(table.isFull(idOf(3), true)).toBe(false);
    table.add(new Neighbour(3).connection);
    expect(table.isFull(idOf(4), true)).toBe(true);
  });

  test('is never full for a peer that it has: a second connection replaces the first', () => {
    expect(filled(1, 2).isFull(idOf(1), false)).toBe(false);
  });

  test('counts what is beyond the limit', () => {
    expect([filled(1).surplus, filled(1, 2, 3).surplus]).toEqual([0, 1]);
  });

  test('retires the connection that another one replaces', () => {
    const table = connections();
    const [first, second] = [new Neighbour(1), new Neighbour(1)];
    table.add(first.connection);
    table.add(second.connection);
    expect(first.session.abortedWith).toMatchObject({ code: 'ERR_DUPLICATE_CONNECTION' });
    expect(table.get(idOf(1))).toBe(second.connection);
    expect(table.size).toBe(1);
  });

  test('does not take out a connection that was replaced', () => {
    const table = connections();
    const [first, second] = [new Neighbour(1), new Neighbour(1)];
    table.add(first.connection);
    table.add(second.connection);
    expect(table.remove(first.connection)).toBe(false);
    expect(table.remove(second.connection)).toBe(true);
    expect(table.size).toBe(0);
  });
});

describe('of two connections of one pair', () => {
  /** Whether a second connection stands against a first one of the peer, at a node with the id 5. */
  function prevails(peer: number, firstDialled: boolean, dialled: boolean, incarnation = 1): boolean {
    const table = connections();
    table.add(new Neighbour(peer, { dialled: firstDialled }).connection);
    return table.prevails({ peer: idOf(peer), dialled, incarnation });
  }

  test('the one dialled by the higher id stays, at both ends', () => {
    expect([prevails(1, false, true), prevails(9, false, true)]).toEqual([true, false]);
    expect([prevails(1, true, false), prevails(9, true, false)]).toEqual([false, true]);
  });

  test('the later stays where one side dialled both', () => {
    expect([prevails(1, true, true), prevails(9, false, false)]).toEqual([true, true]);
  });

  test('that of a restarted peer stays, whoever dialled', () => {
    expect(prevails(1, true, false, 2)).toBe(true);
  });

  test('the first stands against nothing', () => {
    expect(connections().prevails({ peer: idOf(1), dialled: false, incarnation: 1 })).toBe(true);
  });
});
