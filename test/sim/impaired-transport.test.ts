import { transportCompliance } from '../../src/compliance/index.ts';
import { VirtualClock, systemClock } from '../../src/kit/index.ts';
import { MemoryNetwork, memory, mrtUdp, tcp } from '../../src/plugins/index.ts';
import { ImpairedTransport, LinkTable } from '../../src/sim/index.ts';
import { createPlugin } from '../support/create-plugin.ts';
import { whileRunning } from '../support/running-clock.ts';
import { CONDITIONS, conditions } from './support/conditions.ts';

describe.each(Object.entries(CONDITIONS))('an impaired link %s, over memory', (_, given) => {
  const clock = new VirtualClock();
  const network = new MemoryNetwork();
  const links = new LinkTable({ clock, seed: 1, conditions: () => given });
  const cases = transportCompliance({
    clock,
    create: async () => new ImpairedTransport(createPlugin(memory({ network }), { clock }), { clock, links }),
    address: () => '10.0.0.1:0',
    nobody: () => '10.0.0.9:1',
  });
  for (const { name, run } of cases) test(name, () => whileRunning(clock, run));
});

describe('an impaired link', () => {
  /** Two transports on two hosts, a connection between them, and what the far end received, with the time. */
  async function scene(given = conditions({})) {
    const clock = new VirtualClock();
    const network = new MemoryNetwork();
    const links = new LinkTable({ clock, seed: 1, conditions: () => given });
    const create = () => new ImpairedTransport(createPlugin(memory({ network }), { clock }), { clock, links });
    const [dialler, acceptor] = [create(), create()];
    await dialler.listen('10.0.0.1:1');
    const listener = await acceptor.listen('10.0.0.2:1');
    const accepting = listener[Symbol.asyncIterator]().next();
    const near = await whileRunning(clock, () => dialler.dial('10.0.0.2:1'));
    const far = (await accepting).value as Awaited<ReturnType<typeof dialler.dial>>;
    const received: { at: number; first: number | undefined }[] = [];
    let ended: unknown;
    void (async () => {
      for await (const frame of far) received.push({ at: clock.now(), first: frame[0] });
    })().catch((error: unknown) => (ended = error));
    return { clock, links, dialler, near, received, ended: () => ended, start: clock.now() };
  }

  test('takes its delay', async () => {
    const { clock, near, received, start } = await scene(conditions({ delayMs: 50 }));
    await near.send(Uint8Array.of(1));
    await clock.advance(200);
    expect(received).toEqual([{ at: start + 50, first: 1 }]);
  });

  test('carries so many bytes a second', async () => {
    const { clock, near, received, start } = await scene(conditions({ bytesPerSecond: 10_000 }));
    for (let frame = 0; frame < 3; frame++) await near.send(new Uint8Array(1_000).fill(frame));
    await clock.advance(1_000);
    expect(received.map(({ at }) => at - start)).toEqual([100, 200, 300]);
  });

  test('keeps the order of frames, whatever chance does', async () => {
    const { clock, near, received } = await scene(conditions({ delayMs: 10, jitterMs: 100, loss: 0.3, reorder: 0.5 }));
    for (let frame = 0; frame < 40; frame++) await near.send(Uint8Array.of(frame));
    await clock.advance(60_000);
    expect(received.map(({ first }) => first)).toEqual(Array.from({ length: 40 }, (_, frame) => frame));
  });

  test('that is cut holds frames back, and lets them go after it was mended', async () => {
    const { clock, links, near, received } = await scene();
    links.cut('10.0.0.1', '10.0.0.2');
    await near.send(Uint8Array.of(7));
    await clock.advance(5_000);
    expect(received).toEqual([]);
    links.mend('10.0.0.1', '10.0.0.2');
    await clock.advance(5_000);
    expect(received.map(({ first }) => first)).toEqual([7]);
  });

  test('that stays cut loses the connection', async () => {
    const { clock, links, near } = await scene();
    links.cut('10.0.0.1', '10.0.0.2');
    await near.send(Uint8Array.of(7));
    await clock.advance(21_000);
    await expect(near.send(Uint8Array.of(8))).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  });

  test('that is cut answers no dial', async () => {
    const { clock, links, dialler } = await scene();
    links.cut('10.0.0.1', '10.0.0.2');
    const dialled = whileRunning(clock, () => dialler.dial('10.0.0.2:1'));
    await expect(dialled).rejects.toMatchObject({ code: 'ERR_DIAL_FAILED' });
  });

  test('tells the other end of a dead process that the connection is lost, and the process nothing', async () => {
    const { clock, near, dialler, ended } = await scene(conditions({ delayMs: 5 }));
    let heard = false;
    void near[Symbol.asyncIterator]()
      .next()
      .finally(() => (heard = true));
    dialler.die();
    await clock.advance(100);
    expect(heard).toBe(false);
    expect(ended()).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  });
});

describe.each([
  ['tcp', tcp()],
  ['mrt-udp', mrtUdp()],
])('an impaired link over %s', (_, use) => {
  test('takes its delay', async () => {
    const clock = systemClock();
    const links = new LinkTable({ clock, seed: 1, conditions: () => conditions({ delayMs: 60 }) });
    const create = () => new ImpairedTransport(createPlugin(use, { clock }), { clock, links, place: '127.0.0.1' });
    const listener = await create().listen('127.0.0.1:0');
    const accepting = listener[Symbol.asyncIterator]().next();
    const near = await create().dial(listener.address);
    const far = (await accepting).value as typeof near;
    const started = clock.now();
    await near.send(Uint8Array.of(1));
    await far[Symbol.asyncIterator]().next();
    expect(clock.now() - started).toBeGreaterThanOrEqual(60);
    await Promise.all([near.close(), far.close()]);
    await listener.close();
  });
});
