import type { Socket } from 'node:net';
import type { Connection, Listener } from '../../../src/kernel/index.ts';
import { splitAddress } from '../../../src/kit/index.ts';
import { systemClock } from '../../../src/kit/world/system-clock.ts';
import { tcp } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { socketCases } from '../../support/socket-cases.ts';
import { SocketScene, everything, first } from '../../support/socket-scene.ts';
import { thrownCode } from '../../support/thrown-code.ts';

const clock = systemClock();
const GREETING = 'peerhold tcp/1\r\n\r\n';
const LIMIT = 1024 * 1024 + 1024;

describe('tcp', () => {
  for (const { name, run } of socketCases('tcp').brief) test(name, run);
});

describe('tcp, among others', () => {
  const scene = new SocketScene();
  afterEach(() => scene.end());

  const create = (options = {}) => createPlugin(tcp(options), { clock });

  async function listen(options = {}, address = '127.0.0.1:0'): Promise<Listener> {
    return scene.listener(await create(options).listen(address));
  }

  function stranger({ address }: Listener): Promise<Socket> {
    const { ip, port } = splitAddress(address);
    return scene.stranger(ip, port);
  }

  /** A connection to somebody who said the greeting by hand. */
  async function greeted(listener: Listener): Promise<{ socket: Socket; connection: Connection }> {
    const socket = await stranger(listener);
    socket.write(GREETING);
    return { socket, connection: scene.connection(await first(listener)) };
  }

  test.each(['127.0.0.1:0', '[::1]:0', 'localhost:0'])('carries frames to a listener on %s', async (address) => {
    const listener = await listen({}, address);
    const near = await create().dial(listener.address);
    const far = await first(listener);
    await near.send(Uint8Array.of(1, 2, 3));
    expect([...(await first(far))]).toEqual([1, 2, 3]);
    await Promise.all([near.close(), far.close()]);
  });

  test('reaches a listener on all addresses by IPv4, and names its source so', async () => {
    const listener = await listen({}, '[::]:0');
    const near = await create().dial(listener.address.replace('[::]', '127.0.0.1'));
    const far = await first(listener);
    expect(far.remote).toBe(near.local);
    await Promise.all([near.close(), far.close()]);
  });

  test.each(['', '1.2.3.4', '1.2.3.4:65536', 'ws://1.2.3.4:80/', 'a b:1'])('refuses %j with ERR_ADDRESS', (text) => {
    expect(thrownCode(() => create().parse(text))).toBe('ERR_ADDRESS');
  });

  test.each([
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['TLS', Uint8Array.of(0x15, 3, 3, 0, 2, 2, 10)],
    ['SMTP', '220 mail.example ESMTP\r\n'],
    ['transport mrt-stream, version 3', 'peerhold mrt-stream/3\r\n\r\n'],
    ['"hello', 'hello\r\n'],
    ['bytes 00ff', Uint8Array.of(0, 255)],
  ])('says that the transport differs, and that the answer looks like %s', async (name, answer) => {
    const dialled = create().dial(await scene.impostor(answer));
    await expect(dialled).rejects.toMatchObject({
      code: 'ERR_TRANSPORT_DIFFERS',
      message: expect.stringContaining(name) as string,
    });
  });

  test('fails to dial who ends the connection without a word', async () => {
    await expect(create().dial(await scene.impostor(undefined))).rejects.toMatchObject({ code: 'ERR_DIAL_FAILED' });
  });

  test('fails to dial who says nothing, when the time is over', async () => {
    const dialled = create({ dialTimeoutMs: 60 }).dial(await scene.impostor(''));
    await expect(dialled).rejects.toMatchObject({
      code: 'ERR_DIAL_FAILED',
      message: expect.stringContaining('60 ms') as string,
    });
  });

  test.each(['GET / HTTP/1.1\r\nHost: x\r\n\r\n', '\x16\x03\x01\x02\x00', 'peerhold tcp/2\r\n\r\n'])(
    'answers whoever says %j with its greeting and the end',
    async (text) => {
      const socket = await stranger(await listen());
      socket.write(text);
      expect(await everything(socket)).toBe(GREETING);
    },
  );

  test('ends whoever says the greeting too slowly', async () => {
    const socket = await stranger(await listen({ greetingTimeoutMs: 60 }));
    socket.write(GREETING.slice(0, 5));
    expect(await everything(socket)).toBe('');
  });

  test('lets in who speaks, whatever the number of those who say nothing', async () => {
    const listener = await listen({ halfOpen: 4 });
    const silent = await Promise.all(Array.from({ length: 20 }, () => stranger(listener)));
    const near = await create().dial(listener.address);
    await near.send(Uint8Array.of(7));
    expect([...(await first(await first(listener)))]).toEqual([7]);
    expect(await everything(silent[0]!)).toBe('');
    near.abort(new Error('the test is over'));
  });

  test('refuses connections over its limit, and lets others in when one has ended', async () => {
    const listener = await listen({ maxConnections: 1 });
    const { socket, connection } = await greeted(listener);
    await expect(create().dial(listener.address)).rejects.toMatchObject({ code: 'ERR_DIAL_FAILED' });
    connection.abort(new Error('makes room'));
    await everything(socket);
    const near = await create().dial(listener.address);
    near.abort(new Error('the test is over'));
  });

  test.each([LIMIT + 1, 0x7fff_ffff, 0xffff_fffd])(
    'ends with ERR_FRAME_TOO_LARGE who announces a frame of %d bytes, after what came before',
    async (length) => {
      const { socket, connection } = await greeted(await listen());
      socket.write(Buffer.concat([uint32(1), Buffer.of(5), uint32(length)]));
      const frames = connection[Symbol.asyncIterator]();
      expect((await frames.next()).value).toEqual(Uint8Array.of(5));
      await expect(frames.next()).rejects.toMatchObject({ code: 'ERR_FRAME_TOO_LARGE' });
      await everything(socket);
    },
  );

  test('reads frames and marks that come byte by byte', async () => {
    const { socket, connection } = await greeted(await listen());
    socket.setNoDelay(true);
    const bytes = Buffer.concat([uint32(0), uint32(3), Buffer.of(1, 2, 3), uint32(0xffff_ffff)]);
    for (const byte of bytes) await new Promise((resolve) => socket.write(Buffer.of(byte), resolve));
    const frames: number[][] = [];
    for await (const frame of connection) frames.push([...frame]);
    expect(frames).toEqual([[], [1, 2, 3]]);
  });

  test.each([
    ['ends amid a frame', Buffer.concat([uint32(9), Buffer.of(1)])],
    ['ends between frames', Buffer.alloc(0)],
  ])('takes the connection for lost where the peer %s without its mark', async (_, bytes) => {
    const { socket, connection } = await greeted(await listen());
    socket.end(bytes);
    await expect(first(connection)).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  });

  test.each([
    ['a frame after its closing mark', Buffer.concat([uint32(0xffff_ffff), uint32(0)])],
    ['its closing mark twice', Buffer.concat([uint32(0xffff_ffff), uint32(0xffff_ffff)])],
    ['an answer to a mark that was not sent', uint32(0xffff_fffe)],
  ])('ends the connection of who sends %s', async (_, bytes) => {
    const { socket, connection } = await greeted(await listen());
    socket.write(bytes);
    await everything(socket);
    await expect(connection.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'ERR_PACKET' });
  });
});

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
