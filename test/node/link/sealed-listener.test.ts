import type { Connection, Listener, Session, SessionTransport, Transport } from '../../../src/kernel/index.ts';
import { AsyncQueue } from '../../../src/kit/index.ts';
import { LinkWorld } from './link-world.ts';
import { TappedTransport } from './tapped-transport.ts';

const HERE = '10.0.0.1:7000';

interface Acceptor {
  readonly close: () => Promise<void>;
  readonly sessions: readonly Session[];
}

/** Takes every session at once, as a node does. */
async function accepting(node: SessionTransport): Promise<Acceptor> {
  const listener = await node.listen(HERE);
  const sessions: Session[] = [];
  const taking = (async () => {
    for await (const session of listener) sessions.push(session);
  })();
  return {
    sessions,
    close: async () => {
      await listener.close();
      await taking;
    },
  };
}

/** A bare transport whose connections come from this host. */
async function from(world: LinkWorld, host: string): Promise<Transport> {
  const transport = world.bare();
  await transport.listen(`${host}:0`);
  return transport;
}

async function silent(transport: Transport, count: number): Promise<Connection[]> {
  return Promise.all(Array.from({ length: count }, () => transport.dial(HERE)));
}

async function isLost(connection: Connection): Promise<boolean> {
  return Promise.race([
    connection[Symbol.asyncIterator]()
      .next()
      .then(
        () => false,
        () => true,
      ),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
  ]);
}

describe('a sealed listener', () => {
  test('goes on accepting while 200 others from many places say nothing', async () => {
    const world = new LinkWorld();
    const acceptor = await accepting(world.node());
    for (let host = 0; host < 25; host++) await silent(await from(world, `10.1.0.${host}`), 8);
    const session = await world.node({ transport: await from(world, '10.2.0.1') }).dial(HERE);
    await session.send(Uint8Array.of(1));
    expect(acceptor.sessions).toHaveLength(1);
    expect((await acceptor.sessions[0]![Symbol.asyncIterator]().next()).value).toEqual(Uint8Array.of(1));
  });

  test('goes on accepting from a place from which 200 others say nothing', async () => {
    const world = new LinkWorld();
    const acceptor = await accepting(world.node());
    const host = await from(world, '10.1.0.1');
    await silent(host, 200);
    await world.node({ transport: host }).dial(HERE);
    expect(acceptor.sessions).toHaveLength(1);
  });

  test('keeps at most 64 half-open handshakes, and 8 of one source', async () => {
    const world = new LinkWorld();
    await accepting(world.node());
    const crowd = await silent(await from(world, '10.1.0.1'), 20);
    await world.clock.advance(0);
    expect((await Promise.all(crowd.map(isLost))).filter((lost) => !lost)).toHaveLength(8);

    const crowds: Connection[] = [];
    for (let host = 2; host < 12; host++) crowds.push(...(await silent(await from(world, `10.1.0.${host}`), 8)));
    await world.clock.advance(0);
    const lost = await Promise.all([...crowd, ...crowds].map(isLost));
    expect(lost.filter((each) => !each)).toHaveLength(64);
  });

  test('ends a handshake after 5 s of silence, wherever it stands', async () => {
    const world = new LinkWorld();
    await accepting(world.node());
    const [connection] = await silent(world.bare(), 1);
    const path = new TappedTransport(await from(world, '10.1.0.1'));
    path.tap = ({ direction, number, frame }) => (direction === 'out' && number === 1 ? [] : [frame]);
    const dialling = world.node({ transport: path, settings: { handshakeMs: 60_000 } }).dial(HERE);
    const outcome = dialling.catch((error: unknown) => error);
    await world.clock.advance(4_999);
    expect(world.logger.named('handshake.failed')).toHaveLength(0);
    await world.clock.advance(1);
    expect(world.logger.named('handshake.failed').map(({ fields }) => [fields['source'], fields['code']])).toEqual([
      ['localhost', 'ERR_HANDSHAKE_TIMEOUT'],
      ['10.1.0.1', 'ERR_HANDSHAKE_TIMEOUT'],
    ]);
    expect(await isLost(connection!)).toBe(true);
    await world.clock.advance(60_000);
    expect(await outcome).toMatchObject({ code: 'ERR_DIAL_FAILED' });
  });

  test('tells each kind of trouble in one line with its code, and then once a minute how often', async () => {
    const world = new LinkWorld();
    await accepting(world.node());
    const host = await from(world, '10.1.0.1');
    for (let count = 0; count < 50; count++) {
      await (await host.dial(HERE)).send(Buffer.from('garbage'));
      await (await host.dial(HERE)).send(new Uint8Array(0));
      (await host.dial(HERE)).abort(new Error('gone'));
      await world.clock.advance(0);
    }
    const told = () =>
      world.logger
        .named('handshake.failed')
        .map(({ fields }) => `${String(fields['code'])} ${String(fields['count'])}`);
    expect(told()).toEqual(['ERR_HANDSHAKE 1', 'ERR_CONNECTION_LOST 1']);
    await world.clock.advance(60_000);
    expect(told().slice(2)).toEqual(['ERR_HANDSHAKE 99', 'ERR_CONNECTION_LOST 49']);
  });

  test('takes no session out of a replayed handshake', async () => {
    const world = new LinkWorld();
    const acceptor = await accepting(world.node());
    const path = new TappedTransport(world.bare());
    const recorded: Uint8Array[] = [];
    path.tap = ({ direction, frame }) => {
      if (direction === 'out') recorded.push(frame);
      return [frame];
    };
    const session = await world.node({ transport: path }).dial(HERE);
    await session.send(Uint8Array.of(1));

    const replay = await world.bare().dial(HERE);
    for (const frame of recorded) await replay.send(frame);
    await world.clock.advance(0);
    expect(acceptor.sessions).toHaveLength(1);
    expect(world.logger.named('handshake.failed')).toMatchObject([{ fields: { code: 'ERR_HANDSHAKE' } }]);
  });

  test('goes on accepting from a place from which somebody replays the hello of another again and again', async () => {
    const world = new LinkWorld();
    const acceptor = await accepting(world.node());
    const host = await from(world, '10.1.0.1');
    const path = new TappedTransport(host);
    let hello = new Uint8Array(0);
    path.tap = ({ direction, number, frame }) => {
      if (direction === 'out' && number === 0) hello = Uint8Array.from(frame);
      return [frame];
    };
    await world.node({ transport: path }).dial(HERE);

    for (let count = 0; count < 20; count++) await (await host.dial(HERE)).send(hello);
    await world.clock.advance(0);
    await world.node({ transport: host }).dial(HERE);
    expect(acceptor.sessions).toHaveLength(2);
    expect(world.logger.named('handshake.failed').map(({ fields }) => fields['code'])).toContain('ERR_HANDSHAKE');
  });

  test('reports what it logs to whoever asked', async () => {
    const world = new LinkWorld();
    const codes: string[] = [];
    await accepting(world.node({ onHandshakeFailed: ({ code }) => codes.push(code) }));
    await (await world.bare().dial(HERE)).send(new Uint8Array(3));
    await world.clock.advance(0);
    expect(codes).toEqual(['ERR_HANDSHAKE']);
  });

  test('ends handshakes when it is closed, without a word in the log, and leaves no timer', async () => {
    const world = new LinkWorld();
    const acceptor = await accepting(world.node());
    const [connection] = await silent(world.bare(), 1);
    await world.clock.advance(0);
    await acceptor.close();
    expect(await isLost(connection!)).toBe(true);
    expect(world.logger.named('handshake.failed')).toHaveLength(0);
    expect(world.clock.pendingTimers).toBe(0);
  });

  test('takes nobody in who arrives while it closes', async () => {
    const world = new LinkWorld();
    const inner = await world.bare().listen('10.0.0.2:1');
    const dialling = world.bare().dial('10.0.0.2:1');
    const { value: late } = (await inner[Symbol.asyncIterator]().next()) as { value: Connection };
    const near = await dialling;
    const arriving = new AsyncQueue<Connection>();
    const close = async () => {
      arriving.push(late);
      arriving.end();
      await world.clock.advance(0);
    };
    const listen = async (): Promise<Listener> => ({
      address: HERE,
      close,
      [Symbol.asyncIterator]: () => arriving[Symbol.asyncIterator](),
      [Symbol.asyncDispose]: close,
    });
    const bare = world.bare();
    const transport = { maxFrameLength: bare.maxFrameLength, parse: (text: string) => text, dial: bare.dial, listen };
    const acceptor = await accepting(world.node({ transport }));
    await acceptor.close();
    expect(await isLost(near)).toBe(true);
    expect(acceptor.sessions).toHaveLength(0);
    expect(world.clock.pendingTimers).toBe(0);
  });
});
