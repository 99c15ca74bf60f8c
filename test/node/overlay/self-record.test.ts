import type { AddressForm } from '../../../src/kernel/index.ts';
import { memoryIndex } from '../../../src/kit/memory-index.ts';
import { hostPortForm } from '../../../src/kit/host-port-form.ts';
import { SelfRecord, fillAddress } from '../../../src/node/overlay/self-record.ts';
import { websocket } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';

const ID = 'a'.repeat(32);
const web = createPlugin(websocket()).addressForm!;

interface Terms {
  readonly index?: ReturnType<typeof memoryIndex>;
  readonly advertise?: string;
  readonly addressForm?: AddressForm;
}

async function load({ index = memoryIndex(), advertise, addressForm }: Terms = {}): Promise<SelfRecord> {
  return SelfRecord.load({ id: ID, index, place: undefined, advertise, addressForm });
}

describe('the record a node keeps of itself', () => {
  test('has a higher incarnation at every start', async () => {
    const index = memoryIndex();
    expect((await load({ index })).incarnation).toBe(1);
    expect((await load({ index })).incarnation).toBe(2);
  });

  test('remembers where it listened', async () => {
    const index = memoryIndex();
    await (await load({ index })).listens('127.0.0.1:4711');
    expect((await load({ index })).listenedBefore).toBe('127.0.0.1:4711');
  });

  test('stamps each thing it says higher than the one before', async () => {
    const self = await load();
    expect([self.stamp(), self.stamp()]).toEqual([
      { incarnation: 1, sequence: 1 },
      { incarnation: 1, sequence: 2 },
    ]);
  });

  test('rises above what others claim, and keeps that', async () => {
    const index = memoryIndex();
    await (await load({ index })).raiseAbove(41);
    expect((await load({ index })).incarnation).toBe(43);
  });

  test('keeps the last of many rises, one write at a time', async () => {
    const index = memoryIndex();
    const self = await load({ index });
    await Promise.all([self.raiseAbove(10), self.raiseAbove(20), self.listens('127.0.0.1:1'), self.raiseAbove(30)]);
    const again = await load({ index });
    expect([again.incarnation, again.listenedBefore]).toEqual([32, '127.0.0.1:1']);
  });

  test('never has two writes under way, of which the older could come last', async () => {
    const index = memoryIndex();
    const store = index.sublevel<string, unknown>('self', { valueEncoding: 'json' });
    let underWay = 0;
    let most = 0;
    const put = store.put.bind(store);
    Object.assign(index, { sublevel: () => store });
    Object.assign(store, {
      put: async (key: string, value: unknown) => {
        most = Math.max(most, ++underWay);
        await put(key, value);
        underWay -= 1;
      },
    });
    const self = await load({ index });
    await Promise.all([10, 20, 30].map((claim) => self.raiseAbove(claim)));
    expect(most).toBe(1);
  });

  test('begins anew where what was kept is damaged', async () => {
    const index = memoryIndex();
    await index.sublevel<string, unknown>('self', { valueEncoding: 'json' }).put('self', { incarnation: 'many' });
    expect((await load({ index })).incarnation).toBe(1);
  });

  test('does not rise for a claim below its own', async () => {
    const index = memoryIndex();
    await load({ index });
    const self = await load({ index });
    await self.raiseAbove(1);
    expect(self.incarnation).toBe(2);
  });

  test('tells its listening address to a peer on the same machine', async () => {
    const self = await load();
    await self.listens('127.0.0.1:4711');
    expect(self.recordFor('127.0.0.1:9').address).toBe('127.0.0.1:4711');
  });

  test('leaves the host to the peer where loopback or a wildcard would mean nothing to it', async () => {
    const self = await load();
    await self.listens('127.0.0.1:4711');
    expect(self.recordFor('192.0.2.1:9').address).toBe(':4711');
    await self.listens('0.0.0.0:4711');
    expect(self.recordFor('127.0.0.1:9').address).toBe(':4711');
  });

  test('leaves out nothing but the host of an address of another form', async () => {
    const self = await load({ addressForm: web });
    await self.listens('ws://127.0.0.1:4711/path');
    expect(self.recordFor('127.0.0.1:9').address).toBe('ws://127.0.0.1:4711/path');
    expect(self.recordFor('wss://node.example/peerhold').address).toBe('ws://:4711/path');
    await self.listens('ws://[::]:4711/path');
    expect(self.recordFor('ws://127.0.0.1:9/peerhold').address).toBe('ws://:4711/path');
  });

  test('tells an address as it stands where it names no host', async () => {
    const self = await load();
    await self.listens('/run/node.sock');
    expect(self.recordFor('/run/other.sock').address).toBe('/run/node.sock');
  });

  test('tells what it was told to advertise', async () => {
    const self = await load({ advertise: 'node.example:4000' });
    await self.listens('0.0.0.0:4711');
    expect(self.recordFor('192.0.2.1:9').address).toBe('node.example:4000');
  });
});

describe('a record that leaves out the host', () => {
  test('is filled in with the source that was seen', () => {
    const record = { id: ID, address: ':4711', incarnation: 1 };
    expect(fillAddress(record, '192.0.2.7:50000', hostPortForm).address).toBe('192.0.2.7:4711');
    expect(fillAddress(record, '[2001:db8::7]:50000', hostPortForm).address).toBe('[2001:db8::7]:4711');
  });

  test('is left alone where it names one', () => {
    const record = { id: ID, address: '198.51.100.1:1', incarnation: 1 };
    expect(fillAddress(record, '192.0.2.7:50000', hostPortForm)).toBe(record);
  });

  test.each([
    ['ws://:4711/path', 'ws://192.0.2.7:4711/path'],
    ['ws://:80/path', 'ws://192.0.2.7/path'],
    ['ws://:0/path', ''],
    ['ws://:4711/?query', ''],
    [`ws://:4711/${'x'.repeat(240)}`, ''],
  ])('of another form, %s, becomes %j', (address, whole) => {
    expect(fillAddress({ id: ID, address, incarnation: 1 }, '192.0.2.7:50000', web).address).toBe(whole);
  });

  test.each([
    [':0', '192.0.2.7:50000'],
    [':4711', 'somewhere'],
    [':4711', '[fe80::1%eth0]:50000'],
  ])('has none where %s and the source %s make no address', (address, remote) => {
    expect(fillAddress({ id: ID, address, incarnation: 1 }, remote, hostPortForm).address).toBe('');
  });
});
