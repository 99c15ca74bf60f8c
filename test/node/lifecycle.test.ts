import { KernelError, type Session, type SessionTransport } from '../../src/kernel/index.ts';
import { AsyncQueue, VirtualClock } from '../../src/kit/index.ts';
import type { NodeEvent } from '../../src/node/api.ts';
import { Lifecycle } from '../../src/node/lifecycle.ts';
import { FakeSession } from '../support/fake-session.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { idOf, recordOf, timnOf } from './overlay/support/neighbour.ts';

const ADDRESS = '10.0.0.1:1';

/** The life of a node whose parts only tell what is asked of them, and fail where the test says so. */
function make(failures: Readonly<Record<string, Error>> = {}, folderIsKnown: Promise<void> = Promise.resolve()) {
  const clock = new VirtualClock();
  const log = new RecordingLogger();
  const events: NodeEvent[] = [];
  const asked: string[] = [];
  const sessions = new AsyncQueue<Session>();
  const step = async (name: string) => {
    asked.push(name);
    const failure = failures[name];
    if (failure !== undefined) throw failure;
  };
  const listener = {
    address: ADDRESS,
    close: () => {
      sessions.end();
      return step('listener closed');
    },
    [Symbol.asyncIterator]: () => sessions[Symbol.asyncIterator](),
  };
  const transport = { parse: (text: string) => text, listen: () => step('listens').then(() => listener) };
  const lifecycle = new Lifecycle({
    clock,
    logger: log,
    settings: { handshakeMs: 5_000 },
    self: {
      listenedBefore: undefined,
      addressForm: { split: () => undefined, join: (address) => address },
      listens: (address) => step(`is at ${address}`),
    },
    transport: transport as unknown as SessionTransport,
    overlay: {
      start: () => step('overlay started'),
      accept: () => step('overlay accepts'),
      refute: () => step('overlay refutes'),
      close: () => step('overlay closed'),
    },
    files: {
      start: () => step('files started'),
      folder: { idle: () => folderIsKnown },
      close: () => step('files closed'),
    },
    transfers: { accept: () => void step('transfers accept'), close: () => step('transfers closed') },
    replicator: { start: () => void step('replicator started'), close: () => step('replicator closed') },
    events: { emit: (event) => void events.push(event) },
    closePlugins: () => step('plugins closed'),
  });
  const arrive = () => {
    const session = new FakeSession(idOf(1));
    sessions.push(session);
    return session;
  };
  return { lifecycle, clock, log, events, asked, sessions, arrive };
}

const STARTED = ['files started', 'listens', `is at ${ADDRESS}`, 'overlay started', 'replicator started'];
const CLOSED = [
  'listener closed',
  'overlay closed',
  'replicator closed',
  'transfers closed',
  'files closed',
  'plugins closed',
];

describe('the life of a node', () => {
  test('starts the folder before anybody can reach it, and closes in the other order, the plugins last', async () => {
    const { lifecycle, asked, clock } = make();
    await lifecycle.start(ADDRESS);
    expect(asked.splice(0)).toEqual(STARTED);
    await lifecycle.close();
    expect(asked).toEqual(CLOSED);
    expect(clock.pendingTimers).toBe(0);
  });

  test('does not wait for a large folder for more than two seconds before it listens', async () => {
    const { lifecycle, asked, clock } = make({}, new Promise(() => undefined));
    const starting = lifecycle.start(ADDRESS);
    await clock.advance(1_999);
    expect(asked).toEqual(['files started']);
    await clock.advance(1);
    await starting;
    expect(asked).toEqual(STARTED);
    await lifecycle.close();
  });

  test('that is closed while it starts ends that with ERR_CLOSED, and then closes', async () => {
    const { lifecycle, asked, clock } = make({}, new Promise(() => undefined));
    const starting = expect(lifecycle.start(ADDRESS)).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await clock.advance(10);
    await lifecycle.close();
    await starting;
    expect(asked).toEqual(['files started', ...CLOSED.slice(1)]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('that fails to start says why, and leaves nothing open, whatever goes wrong then', async () => {
    const { lifecycle, asked, log } = make({
      'overlay started': new KernelError('ERR_DISK', 'the first fault'),
      'files closed': new Error('the second fault'),
    });
    await expect(lifecycle.start(ADDRESS)).rejects.toThrow('the first fault');
    expect(asked).toEqual([...STARTED.slice(0, 4), ...CLOSED]);
    expect(log.named('node.close_failed')).toHaveLength(1);
    expect(() => lifecycle.requireOpen()).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }) as Error);
  });

  test('closes everything where some of it fails, tells the first failure and logs each', async () => {
    const { lifecycle, asked, log } = make({
      'overlay closed': new KernelError('ERR_DISK', 'one'),
      'transfers closed': new Error('two'),
    });
    await lifecycle.start(ADDRESS);
    asked.length = 0;
    await expect(lifecycle.close()).rejects.toThrow('one');
    await expect(lifecycle.close()).rejects.toThrow('one');
    expect(asked).toEqual(CLOSED);
    expect(log.named('node.close_failed').map(({ fields }) => fields)).toMatchObject([
      { code: 'ERR_DISK', reason: 'one' },
      { reason: 'two' },
    ]);
  });

  test('hands a session to whom its first message concerns, and refuses one that begins with no such message', async () => {
    const { lifecycle, asked, clock, arrive } = make();
    await lifecycle.start(ADDRESS);
    asked.length = 0;
    arrive().say({ type: 'SUSP', nodes: [recordOf(2)] });
    const unasked = arrive();
    unasked.say(timnOf(1));
    await clock.advance(0);
    expect(asked).toEqual(['overlay refutes']);
    expect(unasked.abortedWith).toMatchObject({ code: 'ERR_MESSAGE' });
    await lifecycle.close();
  });

  test('warns once where nobody can reach it any more, and goes on', async () => {
    const { lifecycle, events, clock, log, sessions } = make();
    await lifecycle.start(ADDRESS);
    sessions.fail(new KernelError('ERR_LISTEN_FAILED', 'the socket is gone'));
    await clock.advance(0);
    const message = 'nobody can reach this node any more: the socket is gone';
    expect(events).toEqual([{ type: 'warning', code: 'ERR_LISTEN_FAILED', message }]);
    expect(log.named('node.accept_failed')).toHaveLength(1);
    lifecycle.requireOpen();
    await lifecycle.close();
  });
});
