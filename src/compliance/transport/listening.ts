import type { HostAndPort } from '../../kernel/index.ts';
import { attempt, expect, expectCode, expectEqual, outcomeOf } from '../expectations.ts';
import { sampleBytes } from '../sample-bytes.ts';
import { exchange } from './frames.ts';
import { Reader, transportCase } from './stage.ts';

/** Cases on addresses, listening and dialling. */
export const listeningCases = [
  transportCase('parses addresses to one canonical form, and refuses nonsense with ERR_ADDRESS', async (stage) => {
    const transport = await stage.transport();
    for (const text of [stage.fixture.address(), stage.fixture.nobody()]) {
      const address = transport.parse(text);
      expectEqual(transport.parse(address), address, 'parsing an address twice');
    }
    const { listener } = await stage.listen(transport);
    expectEqual(transport.parse(listener.address), listener.address, "parsing the listener's address");
    expectCode(
      attempt(() => transport.parse('')),
      'ERR_ADDRESS',
      'parsing an empty text',
    );
  }),

  transportCase('takes its addresses apart and makes others of them, where it says how', async (stage) => {
    const transport = await stage.transport();
    const acceptor = await stage.listen(transport);
    const { near, far } = await stage.connect(await stage.transport(), acceptor);
    const form = transport.addressForm;
    if (form === undefined) return;
    const { address } = acceptor.listener;
    const own = form.split(address);
    expect(own !== undefined && own.host !== '' && own.port !== 0, `found no host and port in ${address}`);
    expectEqual(form.join(address, own), address, 'an address taken apart and put together');
    for (const at of [
      { host: '192.0.2.7', port: 4_711 },
      { host: '2001:db8::7', port: 1 },
      { host: 'node.example', port: 65_535 },
      { host: own.host, port: 0 },
    ]) {
      const made = form.join(address, at);
      expectEqual(transport.parse(made), made, 'the address made, parsed');
      expectEqual(show(form.split(made)), show(at), `host and port in ${made}`);
      expectEqual(form.join(made, own), address, 'the address made, with its first host and port again');
    }
    const open = form.join(address, { host: '', port: own.port });
    expectEqual(show(form.split(open)), show({ host: '', port: own.port }), `host and port in ${open}`);
    expectEqual(form.join(open, own), address, 'the address left open, filled in');
    for (const source of [near.remote, far.remote])
      expect((form.split(source)?.host ?? '') !== '', `found no host in ${source}, where a connection comes from`);
    for (const nonsense of ['', ':', '[', '//', '\0', `${address}:99999`]) form.split(nonsense);
  }),

  transportCase('names the address it dialled as the remote one', async (stage) => {
    const acceptor = await stage.listen(await stage.transport());
    const { near, far } = await stage.connect(await stage.transport(), acceptor);
    expectEqual(near.remote, acceptor.listener.address, 'remote of the dialled connection');
    expect(near.local !== '' && far.local !== '' && far.remote !== '', 'an address of a connection is empty');
  }),

  transportCase('rejects a dial to nobody with ERR_DIAL_FAILED', async (stage) => {
    const transport = await stage.transport();
    expectCode(
      await stage.outcome(transport.dial(stage.fixture.nobody()), 'a dial to nobody'),
      'ERR_DIAL_FAILED',
      'a dial to nobody',
    );
    await stage.listen(transport);
    expectCode(
      await stage.outcome(transport.dial(stage.fixture.nobody()), 'a dial to nobody'),
      'ERR_DIAL_FAILED',
      'a dial to nobody while listening',
    );
  }),

  transportCase(
    'rejects a second listen with ERR_ALREADY_LISTENING until the first listener is closed',
    async (stage) => {
      const transport = await stage.transport();
      const { listener } = await stage.listen(transport);
      const again = await stage.outcome(transport.listen(stage.fixture.address()), 'a second listen');
      if (again.ok) await again.value.close();
      expectCode(again, 'ERR_ALREADY_LISTENING', 'a second listen');
      await stage.within(listener.close(), 'closing the listener');
      const { near, far } = await stage.connect(await stage.transport(), await stage.listen(transport));
      await exchange(stage, near, new Reader(stage, far), 1);
    },
  ),

  transportCase('rejects listening where another listens with ERR_ADDRESS_IN_USE', async (stage) => {
    const { listener } = await stage.listen(await stage.transport());
    const other = await stage.transport();
    const second = await stage.outcome(other.listen(listener.address), 'listening on an address in use');
    if (second.ok) await second.value.close();
    expectCode(second, 'ERR_ADDRESS_IN_USE', 'listening on an address in use');
    await stage.listen(other);
  }),

  transportCase('dials while it listens, to others and to itself', async (stage) => {
    const first = await stage.transport();
    const second = await stage.transport();
    const atFirst = await stage.listen(first);
    const atSecond = await stage.listen(second);
    for (const [from, to] of [
      [first, atSecond],
      [second, atFirst],
    ] as const) {
      const { near, far } = await stage.connect(from, to);
      await exchange(stage, near, new Reader(stage, far), 1);
      await exchange(stage, far, new Reader(stage, near), 2);
    }
  }),

  transportCase('accepts in the order in which dials succeeded', async (stage) => {
    const acceptor = await stage.listen(await stage.transport());
    const dialler = await stage.transport();
    for (let number = 0; number < 5; number++) {
      const { near, far } = await stage.connect(dialler, acceptor);
      await stage.within(near.send(Uint8Array.of(number)), 'sending');
      expectEqual((await new Reader(stage, far).frame())[0], number, 'number of the connection accepted');
    }
  }),

  transportCase('ends the accepting of a listener that is closed, once and for all', async (stage) => {
    const { listener } = await stage.listen(await stage.transport());
    const iterator = listener[Symbol.asyncIterator]();
    const accepting = outcomeOf(iterator.next());
    await stage.within(Promise.all([listener.close(), listener.close()]), 'closing the listener twice at once');
    const ended = await stage.within(accepting, 'accepting, when the listener was closed,');
    expect(ended.ok && ended.value.done === true, `accepting did not end: ${String(ended.error)}`);
    await stage.within(listener.close(), 'closing the listener again');
    await stage.within(listener[Symbol.asyncDispose](), 'disposing of the listener');
    expect(
      (await stage.within(iterator.next(), 'accepting after close')).done === true,
      'accepting went on after close',
    );
  }),

  transportCase('keeps open connections alive when the listener is closed, and refuses new ones', async (stage) => {
    const acceptor = await stage.listen(await stage.transport());
    const dialler = await stage.transport();
    const { near, far } = await stage.connect(dialler, acceptor);
    await stage.within(acceptor.listener.close(), 'closing the listener');
    await exchange(stage, near, new Reader(stage, far), 1);
    await exchange(stage, far, new Reader(stage, near), 2);
    const { address } = acceptor.listener;
    const dialled = await stage.outcome(dialler.dial(address), 'dialling a closed listener');
    expectCode(dialled, 'ERR_DIAL_FAILED', 'dialling a closed listener');
    await stage.within(near.close(), 'close of a connection that outlived its listener');
    await stage.within(far.close(), 'close of a connection that outlived its listener');
  }),

  transportCase('refuses those whom a closed listener had not taken', async (stage) => {
    const acceptor = await stage.listen(await stage.transport());
    const dialler = await stage.transport();
    const { near, far } = await stage.connect(dialler, acceptor);
    const dialling = outcomeOf(dialler.dial(acceptor.listener.address));
    // What goes over a second connection meanwhile makes it likely that the dial has arrived.
    await exchange(stage, near, new Reader(stage, far), 1);
    await stage.within(acceptor.listener.close(), 'closing the listener');
    const dialled = await stage.within(dialling, 'the dial that nobody took');
    if (!dialled.ok) {
      expectCode(dialled, 'ERR_DIAL_FAILED', 'the dial that nobody took');
      return;
    }
    const untaken = stage.keep(dialled.value);
    await outcomeOf(stage.within(untaken.send(sampleBytes(1, 1)), 'sending to a listener that was closed'));
    expectCode(await new Reader(stage, untaken).failure(), 'ERR_CONNECTION_LOST', 'the connection that nobody took');
  }),
];

function show(at: HostAndPort | undefined): string {
  return at === undefined ? 'none' : `host ${JSON.stringify(at.host)}, port ${at.port}`;
}
