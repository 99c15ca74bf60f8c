import type { DirectConnection } from '../../../src/node/overlay/direct-connection.ts';
import { MissingPeers } from '../../../src/node/overlay/missing-peers.ts';
import { Neighbour, idOf } from './support/neighbour.ts';

function make() {
  const neighbour = new Neighbour(2);
  const gone: DirectConnection[] = [];
  const missing = new MissingPeers({
    clock: neighbour.clock,
    settings: { deadMs: 10_000 },
    onGone: (connection) => gone.push(connection),
  });
  return { clock: neighbour.clock, connection: neighbour.connection, missing, gone };
}

describe('a missing peer', () => {
  test('is gone when it was silent for too long since it was last heard, not since the connection was lost', async () => {
    const { clock, connection, missing, gone } = make();
    await clock.advance(4_000);
    missing.add(connection);
    await clock.advance(5_999);
    expect([gone, missing.has(idOf(2))]).toEqual([[], true]);
    await clock.advance(1);
    expect([gone, missing.has(idOf(2))]).toEqual([[connection], false]);
  });

  test('is not gone once it was found', async () => {
    const { clock, connection, missing, gone } = make();
    missing.add(connection);
    expect(missing.take(idOf(2))).toBe(connection);
    expect(missing.take(idOf(2))).toBeUndefined();
    await clock.advance(20_000);
    expect(gone).toEqual([]);
  });

  test('leaves no timer when all are forgotten', () => {
    const { clock, connection, missing } = make();
    missing.add(connection);
    missing.add(connection);
    missing.clear();
    expect(clock.pendingTimers).toBe(0);
  });
});
