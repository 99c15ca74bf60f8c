import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import type { Connection, Listener, PluginContext } from '../../../src/kernel/index.ts';
import { VirtualClock } from '../../../src/kit/index.ts';
import { systemClock } from '../../../src/kit/world/system-clock.ts';
import { websocket } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { socketCases } from '../../support/socket-cases.ts';
import { SocketScene, everything, first } from '../../support/socket-scene.ts';
import { thrownCode } from '../../support/thrown-code.ts';

const clock = systemClock();

describe('websocket', () => {
  for (const { name, run } of socketCases('websocket').brief) test(name, run);
});

describe('websocket, among others', () => {
  const scene = new SocketScene();
  afterEach(() => scene.end());

  const create = (options = {}, world: Partial<PluginContext> = { clock }) => createPlugin(websocket(options), world);

  async function listen(options = {}, address = '127.0.0.1:0', world?: Partial<PluginContext>): Promise<Listener> {
    return scene.listener(await create(options, world).listen(address));
  }

  /** What the listener answers to a request written by hand, up to the end. */
  async function answerTo({ address }: Listener, request: string): Promise<string> {
    const { hostname, port } = new URL(address);
    const socket = await scene.stranger(hostname, Number(port));
    socket.write(request);
    return everything(socket);
  }

  /** A WebSocket that says what the test wants, and the connection made of it. */
  async function greeted(listener: Listener): Promise<{ webSocket: WebSocket; connection: Connection }> {
    const webSocket = new WebSocket(listener.address, 'peerhold').on('error', () => undefined);
    scene.closing(() => webSocket.terminate());
    await once(webSocket, 'open');
    return { webSocket, connection: scene.connection(await first(listener)) };
  }

  test.each([
    ['1.2.3.4:80', 'ws://1.2.3.4/peerhold'],
    ['[2001:DB8:0:0::7]:4000', 'ws://[2001:db8::7]:4000/peerhold'],
    ['WS://Node.Example:4000', 'ws://node.example:4000/peerhold'],
    ['wss://node.example/a/b', 'wss://node.example/a/b'],
    ['wss://node.example:443/', 'wss://node.example/peerhold'],
  ])('parses %s as %s', (text, canonical) => {
    expect(create().parse(text)).toBe(canonical);
  });

  test.each([
    '',
    '1.2.3.4',
    ':80',
    'http://1.2.3.4/',
    'ws://',
    'ws://a:70000/',
    'ws://user:word@host/',
    'ws://host/?query',
    'ws://host/#part',
    `ws://host/${'x'.repeat(250)}`,
  ])('refuses %j with ERR_ADDRESS', (text) => {
    expect(thrownCode(() => create().parse(text))).toBe('ERR_ADDRESS');
  });

  test.each([
    ['ws://1.2.3.4:4000/a', '1.2.3.4', 4000],
    ['ws://1.2.3.4/a', '1.2.3.4', 80],
    ['wss://node.example/a', 'node.example', 443],
    ['ws://[2001:db8::7]:4000/a', '2001:db8::7', 4000],
    ['ws://:4000/a', '', 4000],
    ['[2001:db8::7]:50000', '2001:db8::7', 50000],
    ['ws://:65536/a', undefined, undefined],
    ['ws://:/a', undefined, undefined],
    ['http://1.2.3.4:80/', undefined, undefined],
  ])('finds in %s the host %s and the port %s', (address, host, port) => {
    expect(create().addressForm?.split(address)).toEqual(host === undefined ? undefined : { host, port });
  });

  test('makes of host:port, as others may tell it, an address with the default path', () => {
    const { addressForm } = create({ path: '/here' });
    expect(addressForm?.join(':4000', { host: '1.2.3.4', port: 4000 })).toBe('ws://1.2.3.4:4000/here');
  });

  test.each(['127.0.0.1:0', '[::1]:0', 'ws://localhost:0/some/path'])('carries frames to %s', async (address) => {
    const listener = await listen({}, address);
    const near = await create().dial(listener.address);
    const far = await first(listener);
    await near.send(Uint8Array.of(1, 2, 3));
    expect([...(await first(far))]).toEqual([1, 2, 3]);
    await Promise.all([near.close(), far.close()]);
  });

  test('leaves TLS to the proxy: listening on wss: fails', async () => {
    await expect(create().listen('wss://127.0.0.1:0/')).rejects.toMatchObject({ code: 'ERR_LISTEN_FAILED' });
  });

  test.each([
    ['another path', '/elsewhere', 'peerhold', {}, 404],
    ['a web page', '/peerhold', 'peerhold', { origin: 'https://evil.example' }, 403],
    ['no subprotocol', '/peerhold', [], {}, 400],
    ['another subprotocol', '/peerhold', 'chat', {}, 400],
  ])('refuses who comes with %s', async (_, path, protocols, options: ClientOptions, status) => {
    const { address } = await listen();
    const webSocket = new WebSocket(new URL(path, address), protocols, options);
    const [error] = (await once(webSocket, 'error')) as [Error];
    expect(error.message).toContain(String(status));
  });

  test('lets in the origins it is told to', async () => {
    const origin = 'https://good.example';
    const { address } = await listen({ origins: [origin] });
    const webSocket = new WebSocket(address, 'peerhold', { origin });
    await once(webSocket, 'open');
    webSocket.terminate();
  });

  test.each([
    ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1.1 426 /],
    [`GET /peerhold HTTP/1.1\r\nX: ${'x'.repeat(9_000)}\r\n\r\n`, /^HTTP\/1.1 431 /],
    ['peerhold tcp/1\r\n\r\n', /^HTTP\/1.1 400 /],
  ])('answers a request that is none for a WebSocket, and ends it (%#)', async (request, answer) => {
    expect(await answerTo(await listen(), request)).toMatch(answer);
  });

  test('ends whoever asks too slowly', async () => {
    expect(await answerTo(await listen({ upgradeTimeoutMs: 60 }), 'GET /peerhold HTTP/1.1\r\nHo')).toBe('');
  });

  test('lets in who asks, whatever the number of those who say nothing', async () => {
    const listener = await listen({ halfOpen: 4 });
    const silent = Array.from({ length: 20 }, () => answerTo(listener, 'GET'));
    const near = await create().dial(listener.address);
    await near.send(Uint8Array.of(7));
    expect([...(await first(await first(listener)))]).toEqual([7]);
    near.abort(new Error('the test is over'));
    await listener.close();
    expect(await Promise.all(silent)).toHaveLength(20);
  });

  test('ends with ERR_FRAME_TOO_LARGE who announces too large a frame', async () => {
    const { webSocket, connection } = await greeted(await listen());
    webSocket.send(new Uint8Array(1024 * 1024 + 1025));
    await expect(first(connection)).rejects.toMatchObject({ code: 'ERR_FRAME_TOO_LARGE' });
  });

  test('joins a frame that comes in pieces', async () => {
    const { webSocket, connection } = await greeted(await listen());
    webSocket.send(Uint8Array.of(1), { fin: false });
    webSocket.send(Uint8Array.of(2), { fin: true });
    expect([...(await first(connection))]).toEqual([1, 2]);
  });

  test.each(['hello', 'received', ''])('ends the connection of who sends the text %j', async (text) => {
    const { webSocket, connection } = await greeted(await listen());
    webSocket.send(text);
    await expect(first(connection)).rejects.toMatchObject({ code: 'ERR_PACKET' });
  });

  test('takes the connection for lost where the WebSocket is closed without the mark', async () => {
    const { webSocket, connection } = await greeted(await listen());
    webSocket.close(1000);
    await expect(first(connection)).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  });

  test('takes a peer for lost that answers no ping, and keeps one that does', async () => {
    const virtual = new VirtualClock();
    const listener = await listen({ pingMs: 1_000 }, '127.0.0.1:0', { clock: virtual });
    const { webSocket, connection } = await greeted(listener);
    const reading = first(connection).catch((error: unknown) => error);
    for (let answered = 0; answered < 3; answered++) {
      const pinged = once(webSocket, 'ping');
      await virtual.advance(1_000);
      await pinged;
      // What comes after the pong says that the pong has come.
      webSocket.ping();
      await once(webSocket, 'pong');
    }
    webSocket.pause();
    await virtual.advance(2_000);
    expect(await reading).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  });

  test.each([
    ['an HTTP server', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 'ERR_TRANSPORT_DIFFERS', 'status 200'],
    ['a proxy without a node', 'HTTP/1.1 502 Bad Gateway\r\n\r\n', 'ERR_DIAL_FAILED', 'status 502'],
    ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n', 'ERR_TRANSPORT_DIFFERS', 'SSH'],
    ['who hangs up', undefined, 'ERR_DIAL_FAILED', ''],
    ['who says nothing', '', 'ERR_DIAL_FAILED', 'within 200 ms'],
  ])('says what it met: %s', async (_, answer, code, text) => {
    const dialled = create({ dialTimeoutMs: 200 }).dial(await scene.impostor(answer));
    await expect(dialled).rejects.toMatchObject({ code, message: expect.stringContaining(text) as string });
  });
});
