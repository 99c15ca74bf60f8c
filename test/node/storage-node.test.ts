import { SimulatedNetwork, readFile, writeFile, type SimulatedNode } from '../support/simulated-network.ts';

let network: SimulatedNetwork;

beforeEach(() => {
  network = new SimulatedNetwork();
});
afterEach(async () => {
  await network.close();
  expect(network.clock.pendingTimers).toBe(0);
});

const files = (hostNumber: number) => ({ files: { [`file-${hostNumber}.txt`]: `content ${hostNumber}` } });

async function pair(): Promise<[SimulatedNode, SimulatedNode]> {
  return (await network.line(2, files)) as [SimulatedNode, SimulatedNode];
}

describe('a node', () => {
  test('takes no command any more once it is closed', async () => {
    const [a, b] = await pair();
    await network.while(() => a.node.close());
    const commands = [
      () => a.node.add(b.address),
      () => a.node.get('file-2.txt'),
      () => a.node.send('file-1.txt'),
      () => a.node.restore('1'),
      () => a.node.start('10.0.0.1:1'),
    ];
    for (const command of commands) await expect(command()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });

  test('closes once, however often it is asked to', async () => {
    const [a, b] = await pair();
    await network.while(() => Promise.all([a.node.close(), a.node.close()]));
    await network.clock.advance(1_000);
    expect(b.log.named('frame.in').filter(({ fields }) => fields['type'] === 'BYEF')).toHaveLength(1);
  });

  test('closes within two seconds though its neighbour is dead', async () => {
    const [a, b] = await pair();
    network.kill(b);
    const before = network.clock.now();
    await network.while(() => a.node.close());
    expect(network.clock.now() - before).toBeLessThanOrEqual(2_100);
  });

  test('that is closed in the middle of an ADD ends that, and nobody is left connected', async () => {
    const [a, b] = [await network.start(1), await network.start(2)];
    for (let turns = 0; turns < 30; turns++) {
      const c = await network.start(10 + turns);
      const adding = c.node.add(b.address);
      const settled = Promise.allSettled([adding]);
      for (let turn = 0; turn < turns * 4; turn++) await Promise.resolve();
      await network.while(() => c.node.close());
      await network.while(() => settled);
      await network.clock.advance(15_000);
    }
    expect([a, b].map(({ node }) => node.status().direct)).toEqual([0, 0]);
    expect(b.node.peers()).toEqual([]);
  });

  test('gives up an ADD to a dead machine at once where its user does', async () => {
    const [a, b] = [await network.start(1), await network.start(2)];
    network.kill(b);
    const giveUp = new AbortController();
    const adding = expect(a.node.add(b.address, { signal: giveUp.signal })).rejects.toThrow('enough');
    await network.clock.advance(10);
    giveUp.abort(new Error('enough'));
    await adding;
  });

  test('says where it listens, who it is, and how many there are', async () => {
    const [a, b] = await pair();
    expect(a.node.status()).toMatchObject({
      id: a.node.id,
      address: '10.0.0.1:7001',
      user: 'user1',
      profile: 'simulated',
      incarnation: 1,
      direct: 1,
      known: 1,
      files: 1,
      transfers: 0,
    });
    await network.while(() => b.node.close());
    expect(a.node.status()).toMatchObject({ direct: 0, known: 0 });
  });

  test('listens on the port of its last run where none is asked for', async () => {
    const first = await network.start(1, { port: 7_777 });
    await network.while(() => first.node.close());
    expect((await network.start(1, { port: 0 })).address).toBe('10.0.0.1:7777');
  });

  test('listens on another port where that one is taken meanwhile', async () => {
    const first = await network.start(1, { port: 7_777 });
    await network.while(() => first.node.close());
    network.network.open('10.0.0.1:7777', { ring: () => undefined });
    const again = await network.start(1, { port: 0 });
    expect(again.address).not.toBe('10.0.0.1:7777');
    expect(again.log.named('node.port_taken')).toHaveLength(1);
  });

  test('that cannot listen fails with the reason, and leaves nothing open', async () => {
    await network.start(1);
    const second = network.start(1, { port: 7_001 });
    await expect(second).rejects.toMatchObject({ code: 'ERR_ADDRESS_IN_USE' });
  });

  test('gets a file it has at once, from nobody', async () => {
    const [a] = await pair();
    expect(await a.node.get('file-1.txt')).toMatchObject({ seconds: 0, sources: {} });
  });

  test.each(['', '/etc/passwd', '../x', '.peerhold/identity.pem'])('refuses GET and SEND of %j', async (name) => {
    const a = await network.start(1);
    await expect(a.node.get(name)).rejects.toMatchObject({ code: 'ERR_NAME' });
    await expect(a.node.send(name)).rejects.toMatchObject({ code: 'ERR_NAME' });
  });

  test('brings a replaced version back', async () => {
    const [a, b] = await pair();
    await writeFile(b.disk, 'file-1.txt', 'mine');
    await network.clock.advance(6_000);
    await network.while(() => b.node.get('file-1.txt@user1'));
    const [kept] = await b.node.versions('file-1.txt');
    expect(await readFile(b.disk, 'file-1.txt')).toBe('content 1');
    await network.while(() => b.node.restore(kept?.version ?? ''));
    expect(await readFile(b.disk, 'file-1.txt')).toBe('mine');
    expect(a.node.list().length).toBeGreaterThan(0);
  });

  test('tells a listener what happens until that unsubscribes, and one that throws harms nobody', async () => {
    const a = await network.start(1);
    const heard: string[] = [];
    a.node.subscribe(() => {
      throw new Error('a bad listener');
    });
    const unsubscribe = a.node.subscribe(({ type }) => heard.push(type));
    const b = await network.start(2);
    await network.while(() => b.node.add(a.address));
    unsubscribe();
    await network.while(() => b.node.close());
    expect(heard).toEqual(['peer-joined']);
    expect(a.log.named('node.listener_failed').length).toBeGreaterThan(0);
  });
});

describe('the order of neighbours', () => {
  test('decides whom a file is fetched from', async () => {
    const place = (latitude: number) => ({ settings: { latitude, longitude: 0, weightRtt: 0, weightSpread: 0 } });
    const a = await network.start(1, { ...place(0), ...files(9) });
    const far = await network.start(2, place(80));
    const near = await network.start(3, place(5));
    for (const each of [far, near]) {
      await network.while(() => each.node.add(a.address));
      await network.while(() => each.node.get('file-9.txt'));
    }
    await network.while(() => a.node.close());
    await network.clock.advance(3_000);
    const reader = await network.start(4, place(6));
    await network.while(() => reader.node.add(far.address));
    expect(reader.node.list()[0]?.holders).toEqual([near.node.id, far.node.id]);
    expect(reader.node.peers().map(({ id, rank }) => [id, rank])).toEqual([
      [near.node.id, 1],
      [far.node.id, 2],
    ]);
    const { sources } = await network.while(() => reader.node.get('file-9.txt'));
    expect(Object.keys(sources)).toEqual([near.node.id]);
  });
});
