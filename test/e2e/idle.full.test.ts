import { setTimeout as sleep } from 'node:timers/promises';
import { processorTime } from './support/process-figures.ts';
import { useNodes } from './support/start-node.ts';
import { agreement } from './support/views.ts';

/**
 * What a process does soon after its start is not idleness: it compiles, and when it has been quiet for some seconds, V8 gives back what
 * the start took, once, by three full collections (150 ms of processor time, until 18 s after the start).
 */
const SETTLE_SECONDS = 20;
const WATCHED_SECONDS = 30;

const nodes = useNodes();

test('an idle node with four direct connections takes less than 1 % of a processor core', async () => {
  const [hub, ...others] = [await nodes.start(), ...(await Promise.all([1, 2, 3, 4].map(() => nodes.start())))];
  for (const other of others) await other.expect('added', `ADD ${hub.address}`);
  await agreement([hub, ...others]);
  expect(await hub.expect('status', 'STATUS')).toMatchObject({ direct: 4 });
  await sleep(1_000 * SETTLE_SECONDS);

  const before = await processorTime(hub);
  await sleep(1_000 * WATCHED_SECONDS);
  expect((await processorTime(hub)) - before).toBeLessThan(0.01 * WATCHED_SECONDS);
}, 90_000);
