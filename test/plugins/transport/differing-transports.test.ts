import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Address, Transport } from '../../../src/kernel/index.ts';
import { splitAddress } from '../../../src/kit/index.ts';
import { systemClock } from '../../../src/kit/world/system-clock.ts';
import { systemRandom } from '../../../src/kit/world/system-random.ts';
import { mrtUdp, tcp, websocket } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { SocketScene } from '../../support/socket-scene.ts';

const world = { clock: systemClock(), random: systemRandom() };
const options = { dialTimeoutMs: 100 };
const transports = {
  'mrt-udp': () => createPlugin(mrtUdp(options), world),
  tcp: () => createPlugin(tcp(options), world),
  websocket: () => createPlugin(websocket(options), world),
} satisfies Readonly<Record<string, () => Transport>>;

const scene = new SocketScene();
afterEach(() => scene.end());

async function serve(server: Server): Promise<Address> {
  server.listen(0, '127.0.0.1');
  scene.closing(() => server.close());
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function node(name: keyof typeof transports): Promise<Address> {
  const { address } = scene.listener(await transports[name]().listen('127.0.0.1:0'));
  return splitAddress(address).port === 0 ? new URL(address).host : address;
}

/** Whom somebody may dial, each by host and port. */
const there = {
  'mrt-udp': () => node('mrt-udp'),
  tcp: () => node('tcp'),
  websocket: () => node('websocket'),
  'a web server': () => serve(createHttpServer((_, response) => response.end('a page'))),
  'an SSH server': () => scene.greeter('SSH-2.0-OpenSSH_9.2\r\n'),
  // Without a certificate, which no client gets to see here.
  'a TLS server': () => serve(createTlsServer({}).on('tlsClientError', () => undefined)),
  'a TLS server that says what is wrong': () => scene.impostor(Uint8Array.of(0x15, 3, 3, 0, 2, 2, 10)),
  'who says nothing': () => scene.impostor(''),
  'who hangs up': () => scene.impostor(undefined),
} satisfies Readonly<Record<string, () => Promise<Address>>>;

const SILENT = 'no answer within 100 ms';
const table: readonly (readonly [keyof typeof transports, keyof typeof there, string])[] = [
  ['mrt-udp', 'tcp', SILENT],
  ['mrt-udp', 'websocket', SILENT],
  ['mrt-udp', 'a web server', SILENT],
  ['mrt-udp', 'an SSH server', SILENT],
  ['mrt-udp', 'a TLS server', SILENT],
  ['mrt-udp', 'who says nothing', SILENT],
  ['tcp', 'mrt-udp', 'connect ECONNREFUSED'],
  ['tcp', 'websocket', 'the answer looks like HTTP'],
  ['tcp', 'a web server', 'the answer looks like HTTP'],
  ['tcp', 'an SSH server', 'the answer looks like SSH'],
  ['tcp', 'a TLS server', 'the other side ended the connection unasked'],
  ['tcp', 'a TLS server that says what is wrong', 'the answer looks like TLS'],
  ['tcp', 'who says nothing', SILENT],
  ['tcp', 'who hangs up', 'the other side ended the connection unasked'],
  ['websocket', 'mrt-udp', 'connect ECONNREFUSED'],
  ['websocket', 'tcp', "the answer looks like peerhold's transport tcp, version 1"],
  ['websocket', 'a web server', 'an HTTP server answers with status 200'],
  ['websocket', 'an SSH server', 'the answer looks like SSH'],
  ['websocket', 'a TLS server', 'socket hang up'],
  ['websocket', 'a TLS server that says what is wrong', 'the answer looks like TLS'],
  ['websocket', 'who says nothing', SILENT],
  ['websocket', 'who hangs up', 'socket hang up'],
];

/** What came back, came in another protocol; else there was nothing to tell it by. */
const codeFor = (found: string) => (/answer(s| looks)/.test(found) ? 'ERR_TRANSPORT_DIFFERS' : 'ERR_DIAL_FAILED');

describe('who dials another transport', () => {
  test.each(table)('with %s: %s', async (dialling, met, found) => {
    const transport = transports[dialling]();
    const address = transport.parse(await there[met]());
    const error: unknown = await transport.dial(address).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: codeFor(found), message: expect.stringContaining(found) as string });
    expect(String(error)).toContain(`${address}: nothing there speaks this transport; `);
  });

  test.each([
    ['tcp', 'the answer is no TLS'],
    ['websocket', 'the answer is no TLS'],
    ['an SSH server', 'the answer is no TLS'],
    ['a TLS server', 'a TLS server answers, but: sslv3 alert handshake failure'],
  ] as const)('with websocket over TLS: %s', async (met, found) => {
    const address = `wss://${await there[met]()}/peerhold`;
    const message = expect.stringContaining(`${address}: nothing there speaks this transport; ${found}`) as string;
    await expect(transports.websocket().dial(address)).rejects.toMatchObject({
      code: 'ERR_TRANSPORT_DIFFERS',
      message,
    });
  });

  test('with mrt-udp: what answers over UDP in another protocol', async () => {
    const socket = createSocket('udp4').on('message', (_, { address, port }) => socket.send('SSH-2.0', port, address));
    scene.closing(() => socket.close());
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const address = `127.0.0.1:${socket.address().port}`;
    await expect(transports['mrt-udp']().dial(address)).rejects.toMatchObject({
      code: 'ERR_TRANSPORT_DIFFERS',
      message: `${address}: nothing there speaks this transport; the answer looks like SSH`,
    });
  });

  test.each(['tcp', 'websocket', 'mrt-udp'] as const)(
    'with %s: a name that nobody has says nothing of transports',
    async (name) => {
      const transport = transports[name]();
      const dialled = transport.dial(transport.parse('no-such-host.invalid:4000'));
      await expect(dialled).rejects.toMatchObject({
        code: 'ERR_DIAL_FAILED',
        message: expect.not.stringContaining('nothing there') as string,
      });
    },
  );
});
