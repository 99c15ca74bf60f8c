import type { Timer } from '../../src/kernel/index.ts';
import { SimulatedNetwork } from '../support/simulated-network.ts';

const MINUTE_MS = 60_000;

test('a node with a neighbour and nothing to do wakes for its heartbeats and scans, and for nothing else', async () => {
  const network = new SimulatedNetwork();
  const nodes = await network.line(2, (host) => ({ files: { [`file-${host}.txt`]: 'content' } }));
  await network.clock.advance(MINUTE_MS);
  let woken = 0;
  const setTimer = network.clock.setTimer.bind(network.clock);
  network.clock.setTimer = (delayMs: number, callback: () => void): Timer =>
    setTimer(delayMs, () => {
      woken += 1;
      callback();
    });
  await network.clock.advance(10 * MINUTE_MS);
  // A heartbeat each 2 s, a scan each 5 s, and a look at each neighbour's silence.
  expect(woken / (10 * 60) / nodes.length).toBeLessThan(1);
  await network.close();
});
