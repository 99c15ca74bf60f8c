import {
  MAX_FRAME_LENGTH,
  type Connection,
  type KernelError,
  type Session,
  type SessionTransport,
} from '../../../src/kernel/index.ts';
import { encodeHello } from '../../../src/node/link/hello.ts';
import { helloKey } from '../../../src/node/link/key-schedule.ts';
import { none } from '../../../src/plugins/cipher/none/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { whileRunning } from '../../support/running-clock.ts';
import { LinkWorld, identityOf, sharedKeyOf, type NodeTerms } from './link-world.ts';
import { TappedTransport } from './tapped-transport.ts';

const HERE = '10.0.0.1:7000';
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** Takes sessions as they come. */
async function accepting(node: SessionTransport, address = HERE) {
  const listener = await node.listen(address);
  const sessions = listener[Symbol.asyncIterator]();
  return { listener, next: async () => (await sessions.next()).value as Session };
}

/** One session, someone on its path, and the next frame at either end. */
async function scene(terms: { dialling?: NodeTerms; listening?: NodeTerms; seed?: number } = {}) {
  const world = new LinkWorld(terms.seed);
  const path = new TappedTransport(world.bare());
  const acceptor = await accepting(world.node(terms.listening));
  const dialler = world.node({ ...terms.dialling, transport: path });
  const near = await dialler.dial(HERE);
  const far = await acceptor.next();
  const frames = { near: near[Symbol.asyncIterator](), far: far[Symbol.asyncIterator]() };
  return { world, path, acceptor, dialler, near, far, frames };
}

/** The codes with which a dial failed at both ends, and what was said of it. */
async function failedDial(dialling: NodeTerms, listening: NodeTerms, address = HERE) {
  const world = new LinkWorld();
  const acceptor = await accepting(world.node(listening), address);
  const error: unknown = await whileRunning(world.clock, () =>
    world
      .node(dialling)
      .dial(address)
      .then(() => undefined)
      .catch((thrown: unknown) => thrown),
  );
  await world.clock.advance(0);
  await acceptor.listener.close();
  return {
    dialler: error as KernelError,
    listener: world.logger.named('handshake.failed').map(({ fields }) => fields),
  };
}

describe('a session', () => {
  test('names the peer at both ends', async () => {
    const identities = [identityOf(11), identityOf(12)] as const;
    const { near, far } = await scene({
      dialling: { identity: identities[0] },
      listening: { identity: identities[1] },
    });
    expect(near).toMatchObject({ peer: identities[1].id, authenticated: true, remote: HERE });
    expect(far).toMatchObject({ peer: identities[0].id, authenticated: true, local: HERE });
  });

  test('says of a cipher that protects nothing that it is not authenticated', async () => {
    const cipher = { cipher: createPlugin(none()), settings: { allowPlaintext: true } };
    const { near, far } = await scene({ dialling: cipher, listening: cipher });
    expect([near.authenticated, far.authenticated]).toEqual([false, false]);
  });

  test('shows nothing of a frame to whoever is on the path', async () => {
    const { path, near, frames } = await scene();
    const secret = Buffer.from('a secret that is long enough to be found');
    let wire = Buffer.alloc(0);
    path.tap = ({ frame }) => {
      wire = Buffer.concat([wire, frame]);
      return [frame];
    };
    await near.send(secret);
    await frames.far.next();
    expect(wire.length).toBeGreaterThan(secret.length);
    expect(wire.includes(secret.subarray(0, 8))).toBe(false);
  });

  test('ends with ERR_CIPHER_REJECTED where a record is changed, cut, replayed, left out or spliced in', async () => {
    const attacks: Record<string, (record: Uint8Array, earlier: Uint8Array) => Uint8Array[]> = {
      changed: (record) => [record.map((byte, index) => (index === 3 ? byte ^ 1 : byte))],
      'cut short': (record) => [record.subarray(0, -1)],
      replayed: (_, earlier) => [earlier],
      'left out': () => [],
      'spliced in': () => [spliced],
    };
    const other = await scene({ seed: 1 });
    let spliced = bytes();
    other.path.tap = ({ frame }) => [(spliced = frame)];
    await other.near.send(bytes(1));
    await other.near.send(bytes(2));

    for (const attack of Object.values(attacks)) {
      const { path, acceptor, dialler, near, far, frames } = await scene();
      const bystander = await dialler.dial(HERE);
      const bystanderFar = await acceptor.next();
      let earlier = bytes();
      let count = 0;
      path.tap = ({ direction, frame }) => {
        if (direction === 'in' || count++ !== 1) return [(earlier = frame)];
        return attack(frame, earlier);
      };
      for (const value of [1, 2, 3]) await near.send(bytes(value));
      expect((await frames.far.next()).value).toEqual(bytes(1));
      await expect(frames.far.next()).rejects.toMatchObject({ code: 'ERR_CIPHER_REJECTED' });
      await expect(frames.far.next()).rejects.toMatchObject({ code: 'ERR_CIPHER_REJECTED' });
      await expect(far.send(bytes(1))).rejects.toMatchObject({ code: 'ERR_CIPHER_REJECTED' });
      await expect(frames.near.next()).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });

      path.tap = ({ frame }) => [frame];
      await bystander.send(bytes(7));
      expect((await bystanderFar[Symbol.asyncIterator]().next()).value).toEqual(bytes(7));
    }
  });

  test('is lost, not closed, where someone on the path ends it without the sealed mark', async () => {
    const { path, near, frames } = await scene();
    path.tap = () => [];
    await near.close();
    await expect(frames.far.next()).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  });

  test('takes no record after the closing mark', async () => {
    const { path, near, frames } = await scene();
    path.tap = ({ frame }) => [frame, frame];
    await near.close();
    await expect(frames.far.next()).rejects.toMatchObject({ code: 'ERR_CIPHER_REJECTED' });
  });

  test('refuses a frame over the limit, and lives on', async () => {
    const { near, frames } = await scene();
    await expect(near.send(new Uint8Array(MAX_FRAME_LENGTH + 1))).rejects.toMatchObject({
      code: 'ERR_FRAME_TOO_LARGE',
    });
    await near.send(new Uint8Array(MAX_FRAME_LENGTH));
    expect((await frames.far.next()).value).toHaveLength(MAX_FRAME_LENGTH);
  });

  test('yields frames in memory of their own', async () => {
    const { near, frames } = await scene();
    const frame = bytes(1, 2, 3);
    await near.send(frame);
    frame.fill(9);
    const { value } = (await frames.far.next()) as { value: Uint8Array };
    expect(value).toEqual(bytes(1, 2, 3));
    expect(value.constructor).toBe(Uint8Array);
  });
});

describe('a dial that leads to no session names what differs, at both ends', () => {
  test('another shared key', async () => {
    const { dialler, listener } = await failedDial({ sharedKey: sharedKeyOf(1) }, {});
    expect(dialler).toMatchObject({
      code: 'ERR_KEY_DIFFERS',
      message: `${HERE}: the peer has another shared key than this node`,
    });
    expect(listener).toMatchObject([{ code: 'ERR_KEY_DIFFERS', source: 'localhost', count: 1 }]);
  });

  test('another cipher', async () => {
    const plain = { cipher: createPlugin(none()), settings: { allowPlaintext: true } };
    const { dialler, listener } = await failedDial(plain, {});
    expect(dialler.code).toBe('ERR_CIPHER_DIFFERS');
    expect(dialler.message).toContain('the peer uses the cipher aes-gcm, this node none');
    expect(listener).toMatchObject([
      { code: 'ERR_CIPHER_DIFFERS', message: 'the peer uses the cipher none, this node aes-gcm' },
    ]);
  });

  test('another version', async () => {
    const world = new LinkWorld();
    await accepting(world.node());
    const path = new TappedTransport(world.bare());
    const terms = { version: 2, cipherName: 'aes-gcm', helloKey: helloKey(sharedKeyOf(0)) };
    path.tap = ({ direction, frame }) => [direction === 'out' ? encodeHello(terms, new Uint8Array(48)) : frame];
    await expect(world.node({ transport: path }).dial(HERE)).rejects.toMatchObject({ code: 'ERR_VERSION_DIFFERS' });
    await world.clock.advance(0);
    expect(world.logger.named('handshake.failed')).toMatchObject([
      { fields: { message: 'the peer speaks version 2 of the protocol, this node 1' } },
    ]);
  });

  test('the node itself', async () => {
    const world = new LinkWorld();
    const node = world.node();
    await accepting(node);
    await expect(node.dial(HERE)).rejects.toMatchObject({ code: 'ERR_SELF' });
    await world.clock.advance(0);
    expect(world.logger.named('handshake.failed')).toMatchObject([{ fields: { code: 'ERR_SELF' } }]);
  });

  test('another node with the same identity', async () => {
    const identity = identityOf(50);
    const { dialler, listener } = await failedDial({ identity }, { identity });
    expect(dialler.code).toBe('ERR_IDENTITY_IN_USE');
    expect(listener).toMatchObject([{ code: 'ERR_IDENTITY_IN_USE' }]);
  });
});

describe('a dial', () => {
  /** Dials one who takes the connection, reads the hello and then does something else than it should. */
  async function dialTo(answer: (frames: AsyncIterator<Uint8Array>) => Promise<Uint8Array | Error | undefined>) {
    const world = new LinkWorld();
    const listener = await world.bare().listen(HERE);
    const serving = (async () => {
      for await (const connection of listener) {
        const given = await answer(connection[Symbol.asyncIterator]());
        if (given instanceof Error) connection.abort(given);
        else if (given !== undefined) await connection.send(given);
      }
    })();
    const dialled = await whileRunning(world.clock, () =>
      world
        .node()
        .dial(HERE)
        .catch((thrown: unknown) => thrown),
    );
    const took = world.clock.now();
    await listener.close();
    await serving;
    return { error: dialled as KernelError, took };
  }

  test('fails with ERR_HANDSHAKE, showing the answer, where the peer speaks something else', async () => {
    const { error } = await dialTo(async () => Buffer.from('SSH-2.0-OpenSSH_9.6'));
    expect(error).toMatchObject({ code: 'ERR_HANDSHAKE' });
    expect(error.message).toContain('answered the hello with 19 bytes that start with 5353482d');
  });

  test('fails with ERR_HANDSHAKE_TIMEOUT after 5 s where the peer says nothing', async () => {
    const { error, took } = await dialTo(async () => undefined);
    expect(error).toMatchObject({ code: 'ERR_HANDSHAKE_TIMEOUT' });
    expect(took).toBeGreaterThanOrEqual(5_000);
    expect(took).toBeLessThan(5_100);
  });

  test('fails with ERR_DIAL_FAILED, after a few more tries, where the peer ends the connection', async () => {
    let calls = 0;
    const { error, took } = await dialTo(async () => {
      calls++;
      return new Error('go away');
    });
    expect(error).toMatchObject({ code: 'ERR_DIAL_FAILED' });
    expect(error.message).toContain('took the connection and ended it during the handshake');
    expect(calls).toBe(4);
    expect(took).toBeLessThan(1_000);
  });

  test('is not fooled by an answer recorded from another handshake', async () => {
    let recorded = bytes();
    const { path, dialler } = await scene();
    path.tap = ({ direction, number, frame }) => {
      if (direction === 'in' && number === 0) recorded = frame;
      return [frame];
    };
    await dialler.dial(HERE);
    const { error } = await dialTo(async (frames) => (await frames.next(), recorded));
    expect(error).toMatchObject({ code: 'ERR_HANDSHAKE' });
  });

  test('gives up by its signal in the middle of the handshake, and ends the connection', async () => {
    const world = new LinkWorld();
    const listener = await world.bare().listen(HERE);
    const controller = new AbortController();
    const dialling = world.node().dial(HERE, { signal: controller.signal });
    const { value: connection } = (await listener[Symbol.asyncIterator]().next()) as { value: Connection };
    const frames = connection[Symbol.asyncIterator]();
    await frames.next();
    controller.abort(new Error('enough'));
    await expect(dialling).rejects.toThrow('enough');
    await expect(frames.next()).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    expect(world.clock.pendingTimers).toBe(0);
  });
});

describe('a cipher that protects nothing', () => {
  const cipher = createPlugin(none());
  const node = (settings = {}) => new LinkWorld().node({ cipher, settings });

  test('neither listens on nor dials anything but loopback', async () => {
    for (const address of ['10.0.0.1:1', '0.0.0.0:1', '[::]:1', 'example.org:1']) {
      await expect(node().listen(address)).rejects.toMatchObject({ code: 'ERR_PLAINTEXT_REFUSED' });
      await expect(node().dial(address)).rejects.toMatchObject({ code: 'ERR_PLAINTEXT_REFUSED' });
    }
  });

  test('is let onto loopback', async () => {
    for (const address of ['127.0.0.1:1', '127.9.9.9:1', '[::1]:1', 'localhost:1']) {
      await (await node().listen(address)).close();
      await expect(node().dial(address)).rejects.toMatchObject({ code: 'ERR_DIAL_FAILED' });
    }
  });

  test('is let anywhere by the setting allowPlaintext', async () => {
    await (await node({ allowPlaintext: true }).listen('10.0.0.1:1')).close();
  });

  test('is told by its field, not by its name', async () => {
    const proud = new LinkWorld().node({ cipher: { ...cipher, authenticated: true } });
    await (await proud.listen('10.0.0.1:1')).close();
  });
});

describe('sealing', () => {
  test('refuses a cipher, a transport or a key that does not fit', () => {
    const world = new LinkWorld();
    const cipher = createPlugin(none());
    expect(() => world.node({ cipher: { ...cipher, name: 'ümlaut' } })).toThrow(RangeError);
    expect(() => world.node({ cipher: { ...cipher, overhead: 2_000 } })).toThrow(RangeError);
    expect(() => world.node({ sharedKey: new Uint8Array(16) })).toThrow(RangeError);
  });
});
