import { transportCompliance } from '../../../src/compliance/index.ts';
import { VirtualClock } from '../../../src/kit/index.ts';
import { MemoryNetwork, memory } from '../../../src/plugins/transport/memory/index.ts';
import type { Connection } from '../../../src/kernel/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { whileRunning } from '../../support/running-clock.ts';
import { thrownCode } from '../../support/thrown-code.ts';

describe('memory', () => {
  const clock = new VirtualClock();
  const network = new MemoryNetwork();
  const cases = transportCompliance({
    clock,
    create: async () => createPlugin(memory({ network }), { clock }),
    address: () => '10.0.0.1:0',
    nobody: () => '10.0.0.9:1',
  });
  for (const { name, run } of cases) test(name, () => whileRunning(clock, run));
});

describe('MemoryNetwork', () => {
  async function joined(near = '10.0.0.1:0', far = '10.0.0.2:0') {
    const clock = new VirtualClock();
    const network = new MemoryNetwork();
    const [dialler, acceptor] = [0, 1].map(() => createPlugin(memory({ network }), { clock }));
    const [own, other] = [await dialler!.listen(near), await acceptor!.listen(far)];
    const accepted = other[Symbol.asyncIterator]().next();
    const dialled = await dialler!.dial(other.address);
    return { clock, network, dialler: dialler!, own, other, dialled, accepted: (await accepted).value as Connection };
  }

  test('dials from the address its transport listens on', async () => {
    const { own, other, dialled, accepted } = await joined();
    expect([dialled.local, dialled.remote]).toEqual([own.address, other.address]);
    expect([accepted.local, accepted.remote]).toEqual([other.address, own.address]);
  });

  test('assigns another port wherever 0 is asked for', async () => {
    const { own, other } = await joined('127.0.0.1:0', '127.0.0.1:0');
    expect(own.address).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
    expect(other.address).not.toBe(own.address);
  });

  test('keeps networks apart', async () => {
    const { clock, other } = await joined();
    const stranger = createPlugin(memory(), { clock });
    const dialling = stranger.dial(other.address);
    await expect(dialling).rejects.toMatchObject({ code: 'ERR_DIAL_FAILED' });
  });

  test('holds back what crosses a link that is cut, and tells nobody, until it is mended', async () => {
    const { clock, network, dialled, accepted, own, other } = await joined();
    network.cut(own.address, other.address);
    await dialled.send(Uint8Array.of(1));
    const reading = accepted[Symbol.asyncIterator]().next();
    let isSettled = false;
    const settled = reading.finally(() => (isSettled = true));
    await clock.advance(60_000);
    expect(isSettled).toBe(false);
    network.mend(other.address, own.address);
    expect(await settled).toEqual({ done: false, value: Uint8Array.of(1) });
  });

  test('isolates a host with all that is at it, from dials too, until it rejoins', async () => {
    const { clock, network, dialled, dialler, accepted, other } = await joined();
    network.isolate('10.0.0.2');
    dialled.abort(new Error('gone'));
    const reading = accepted[Symbol.asyncIterator]().next();
    const lost = expect(reading).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    const refused = expect(dialler.dial(other.address)).rejects.toMatchObject({ code: 'ERR_DIAL_FAILED' });
    await clock.advance(5_000);
    await refused;
    network.rejoin('10.0.0.2');
    await lost;
  });

  test('cuts one link and leaves the others', async () => {
    const { network, dialled, accepted } = await joined();
    network.cut('10.0.0.1', '10.0.0.3');
    await dialled.send(Uint8Array.of(1));
    expect(await accepted[Symbol.asyncIterator]().next()).toEqual({ done: false, value: Uint8Array.of(1) });
  });

  test('gives close up where the link is cut', async () => {
    const { clock, network, dialled } = await joined();
    network.isolate('10.0.0.2');
    const closing = expect(dialled.close()).rejects.toMatchObject({ code: 'ERR_CLOSE_TIMEOUT' });
    await clock.advance(5_000);
    await closing;
    expect(clock.pendingTimers).toBe(0);
  });

  test('leaves no timer behind when all is closed', async () => {
    const { clock, dialled, accepted } = await joined();
    await Promise.all([dialled.close(), accepted.close()]);
    await clock.advance(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test.each(['', 'host', '1.2.3.4', '1.2.3.4:70000', 'a b:1'])('takes %j for no address', (text) => {
    expect(thrownCode(() => createPlugin(memory()).parse(text))).toBe('ERR_ADDRESS');
  });

  test('takes names for hosts, in lower case', () => {
    expect(createPlugin(memory()).parse('Alice:7000')).toBe('alice:7000');
  });

  test('keeps the port 0 of a name, which it then listens on by any', async () => {
    const transport = createPlugin(memory());
    const address = transport.parse('localhost:0');
    expect(address).toBe('localhost:0');
    const listener = await transport.listen(address);
    expect(listener.address).toMatch(/^localhost:[1-9]\d+$/);
    await listener.close();
  });
});
