import { CommandSession } from '../../src/cli/command-session.ts';
import { isFinal, type OutputEvent } from '../../src/cli/events.ts';
import { RunningNode } from '../../src/cli/running-node.ts';
import type { ReceivedFile } from '../../src/node/api.ts';
import { CHECKSUM, FakeNode } from './support/fake-node.ts';

const FILE: ReceivedFile = { name: 'big', size: 1, checksum: CHECKSUM, seconds: 1, sources: {} };

function setUp({ patient = false } = {}) {
  const node = new FakeNode();
  const running = new RunningNode(node);
  const events: OutputEvent[] = [];
  const session = new CommandSession({ running, patient, emit: (event) => events.push(event) });
  const summary = () => events.map(({ command, event }) => `${command ?? '-'} ${event}`);
  /** Makes GET wait until the returned function is called. */
  const holdGets = () => {
    let finish: () => void = () => undefined;
    node.onGet = () => new Promise((resolve) => (finish = () => resolve(FILE)));
    return () => finish();
  };
  return { node, running, events, session, summary, holdGets };
}

/** Lets everything happen that waits for nothing outside. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('CommandSession', () => {
  test('numbers lines from 1 and ends each in one final event', async () => {
    const { session, summary } = setUp();
    const lines = [
      'ADD 127.0.0.1:1',
      'LIST',
      'GET x',
      'SEND x',
      'PIECES x',
      'SAFE x',
      'PEERS',
      'STATUS',
      'VERSIONS',
      'RESTORE 7',
      'CMDS',
      'what?',
      '',
    ];
    for (const line of lines) session.submit(line);
    await session.settled();
    expect(summary().sort((a, b) => parseInt(a) - parseInt(b))).toEqual([
      '1 added',
      '2 listed',
      '3 received',
      '4 sent',
      '5 pieces',
      '6 safe',
      '7 peers',
      '8 status',
      '9 versions',
      '10 restored',
      '11 commands',
      '12 error',
      '13 error',
    ]);
  });

  test('begins a line when those before it are done', async () => {
    const { session, node } = setUp();
    session.submit('ADD 127.0.0.1:1');
    session.submit('GET x');
    await session.settled();
    expect(node.calls).toEqual(['add 127.0.0.1:1', 'get x']);
  });

  test('goes on with other commands while a GET runs', async () => {
    const { session, summary, holdGets } = setUp();
    const finish = holdGets();
    session.submit('GET big');
    session.submit('LIST');
    await settle();
    expect(summary()).toEqual(['2 listed']);
    finish();
    await session.settled();
    expect(summary()).toEqual(['2 listed', '1 received']);
  });

  test('tells of each file that a GET of several brings, and ends it in what it came to', async () => {
    const { session, events } = setUp();
    session.submit('GET photos/');
    await session.settled();
    expect(events).toEqual([
      expect.objectContaining({ event: 'received', command: 1, of: 2, name: 'photos/a' }),
      {
        event: 'got',
        command: 1,
        files: 1,
        failed: 1,
        failures: [{ name: 'photos/b', code: 'ERR_NO_SOURCE', message: 'nobody answers' }],
      },
    ]);
    expect(events.map(isFinal)).toEqual([false, true]);
  });

  test('answers a failure with its code and message', async () => {
    const { session, events } = setUp();
    session.submit('ADD nobody');
    await session.settled();
    expect(events).toEqual([
      { event: 'error', command: 1, code: 'ERR_DIAL_FAILED', message: 'nobody answers at nobody' },
    ]);
  });

  test('calls a failure without a code a mistake of the program', async () => {
    const { session, events, node } = setUp();
    node.onGet = () => Promise.reject(new TypeError('x is not a function'));
    session.submit('GET x');
    await session.settled();
    expect(events).toEqual([{ event: 'error', command: 1, code: 'ERR_INTERNAL', message: 'x is not a function' }]);
  });

  test('BYE gives up a running GET, which gets its error before the node closes', async () => {
    const { session, events, node, summary, holdGets } = setUp();
    holdGets();
    session.submit('GET big');
    session.submit('BYE');
    await session.settled();
    expect(summary()).toEqual(['1 error', '2 closed']);
    expect(events[0]).toMatchObject({ code: 'ERR_CLOSED' });
    expect(node.calls).toEqual(['get big', 'close']);
  });

  test('BYE of a patient session lets a running GET end', async () => {
    const { session, summary, holdGets } = setUp({ patient: true });
    const finish = holdGets();
    session.submit('GET big');
    session.submit('BYE');
    await settle();
    expect(summary()).toEqual([]);
    finish();
    await session.settled();
    expect(summary()).toEqual(['1 received', '2 closed']);
  });

  test('lines after BYE are answered too', async () => {
    const { session, summary } = setUp();
    session.submit('BYE');
    session.submit('LIST');
    await session.settled();
    expect(summary()).toEqual(['1 closed', '2 error']);
  });

  test('another session that leaves ends the commands of this one', async () => {
    const { session, running, summary, holdGets } = setUp();
    holdGets();
    session.submit('GET big');
    await settle();
    await running.leave();
    expect(summary()).toEqual(['1 error']);
  });

  test('counts and answers a line that could not be read', async () => {
    const { session, summary } = setUp();
    session.submit('LIST');
    session.refuse(new Error('too long'));
    session.submit('LIST');
    await session.settled();
    expect(summary()).toEqual(['1 listed', '2 error', '3 listed']);
  });

  test('tells of progress, and of its end before the final event', async () => {
    const node = new FakeNode();
    const seen: string[] = [];
    const session = new CommandSession({
      running: new RunningNode(node),
      patient: false,
      emit: ({ event }) => seen.push(event),
      onProgress: (command, line, progress) => seen.push(`${command} ${line} ${progress?.received ?? 'over'}`),
    });
    node.onGet = async (_query, { onProgress }) => {
      onProgress?.({ received: 5, size: 10, source: 'x' });
      return FILE;
    };
    session.submit('GET big');
    await session.settled();
    expect(seen).toEqual(['1 GET big 5', '1 GET big over', 'received']);
  });

  test('closes the node once, whoever asks how often', async () => {
    const { running, node } = setUp();
    await Promise.all([running.leave(), running.leave()]);
    expect(node.calls).toEqual(['close']);
  });
});
