import { errorCode } from '../../../src/kernel/index.ts';
import { systemClock } from '../../../src/kit/world/system-clock.ts';
import { systemRandom } from '../../../src/kit/world/system-random.ts';
import { mrtUdp } from '../../../src/plugins/transport/mrt-udp/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { socketCases } from '../../support/socket-cases.ts';

const world = { clock: systemClock(), random: systemRandom() };

describe('mrt-udp', () => {
  for (const { name, run } of socketCases('mrt-udp').brief) test(name, run);

  const create = (options = {}, context = {}) =>
    createPlugin(mrtUdp({ dialTimeoutMs: 300, ...options }), { ...world, ...context });

  test.each([
    ['1.2.3.4:80', '1.2.3.4:80'],
    ['[2001:DB8:0:0::7]:4000', '[2001:db8::7]:4000'],
    ['LocalHost:1', 'localhost:1'],
    ['localhost:0', 'localhost:0'],
    ['[::]:0', '[::]:0'],
  ])('parses %s as %s', (text, canonical) => {
    expect(create().parse(text)).toBe(canonical);
  });

  test.each(['', '1.2.3.4', '1.2.3.4:65536', '2001:db8::7:4000', '[zz]:1', 'a b:1'])(
    'refuses %j with ERR_ADDRESS',
    (text) => {
      expect(codeOf(() => create().parse(text))).toBe('ERR_ADDRESS');
    },
  );

  test.each(['127.0.0.1:0', '[::1]:0', 'localhost:0'])('carries frames to a listener on %s', async (address) => {
    const transport = create();
    const listener = await transport.listen(address);
    const near = await create().dial(
      address.startsWith('localhost') ? listener.address.replace(/.*:/, 'localhost:') : listener.address,
    );
    const far = await first(listener);
    await near.send(Uint8Array.of(1, 2, 3));
    expect([...(await first(far))]).toEqual([1, 2, 3]);
    await Promise.all([near.close(), far.close(), listener.close()]);
  });

  test('dials from the port it listens on', async () => {
    const [one, other] = [create(), create()];
    const listeners = [await one.listen('127.0.0.1:0'), await other.listen('127.0.0.1:0')] as const;
    const near = await one.dial(listeners[1].address);
    const far = await first(listeners[1]);
    expect([near.local, far.remote]).toEqual([listeners[0].address, listeners[0].address]);
    await Promise.all([near.close(), far.close(), ...listeners.map((listener) => listener.close())]);
  });

  test('rejects dials to port 0 and to names that do not exist with ERR_DIAL_FAILED', async () => {
    for (const address of ['127.0.0.1:0', 'no-such-host.invalid:4000']) {
      await expect(create().dial(address)).rejects.toMatchObject({ code: 'ERR_DIAL_FAILED' });
    }
  });

  test('logs packets, openings and closings', async () => {
    const logger = new RecordingLogger();
    const listener = await create({}, { logger }).listen('127.0.0.1:0');
    const near = await create().dial(listener.address);
    const far = await first(listener);
    await Promise.all([near.close(), far.close(), listener.close()]);
    const names = new Set(logger.events.map(({ event }) => event));
    for (const name of ['packet.sent', 'packet.received', 'connection.opened', 'connection.closed'])
      expect(names).toContain(`mrt.${name}`);
    expect(logger.events.find(({ event }) => event === 'mrt.packet.sent')!.fields).toMatchObject({
      type: 'handshake',
      packetNumber: 0,
    });
  });
});

/** The first thing that comes out of a listener or connection. */
async function first<T>(source: AsyncIterable<T>): Promise<T> {
  for await (const item of source) return item;
  throw new Error('nothing came');
}

function codeOf(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return errorCode(error);
  }
}
