import { once } from 'node:events';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ControlSocket } from '../../src/cli/control-socket.ts';
import { control } from '../../src/cli/ctl.ts';
import type { OutputEvent } from '../../src/cli/events.ts';
import { RunningNode } from '../../src/cli/running-node.ts';
import { FakeNode, ID, OTHER_ID } from './support/fake-node.ts';
import { useTemporaryFolder } from './support/temporary-folder.ts';

const temporary = useTemporaryFolder();
let opened: ControlSocket[] = [];
afterEach(async () => {
  await Promise.all(opened.map((socket) => socket.close()));
  opened = [];
});

async function setUp(folder = temporary.path) {
  await mkdir(join(folder, '.peerhold'), { recursive: true });
  const node = new FakeNode();
  const running = new RunningNode(node);
  const socket = await ControlSocket.open({ running, folder, environment: {} });
  opened.push(socket);
  return { node, running, socket, folder };
}

async function ask(folder: string, line: string): Promise<OutputEvent[]> {
  const events: OutputEvent[] = [];
  for await (const event of control(folder, line)) events.push(event);
  return events;
}

/** Everything the node says on one connection to these lines. */
async function converse(path: string, lines: string): Promise<OutputEvent[]> {
  const connection = createConnection({ path, allowHalfOpen: true });
  connection.end(lines);
  const answer = await text(connection);
  return answer
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as OutputEvent);
}

describe('ControlSocket', () => {
  test('is for its owner only, in the folder, and gone after closing', async () => {
    const { socket, folder } = await setUp();
    expect(socket.path).toBe(join(folder, '.peerhold', 'control.sock'));
    expect((await stat(socket.path)).mode & 0o777).toBe(0o600);
    await socket.close();
    expect(await readdir(join(folder, '.peerhold'))).toEqual([]);
  });

  test('speaks the JSON lines: ready, then the answers, numbered for each connection', async () => {
    const { socket } = await setUp();
    const expected = [
      { event: 'ready', id: ID, profile: 'default' },
      { event: 'added', command: 1, id: OTHER_ID },
      { event: 'listed', command: 2 },
    ];
    for (let connection = 0; connection < 2; connection += 1) {
      expect(await converse(socket.path, 'ADD 127.0.0.1:1\nLIST\n')).toMatchObject(expected);
    }
  });

  test('answers a client that has ended its side, also later', async () => {
    const { socket, node } = await setUp();
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    const get = node.onGet;
    node.onGet = async (query, options) => {
      await held;
      return get(query, options);
    };
    const answers = converse(socket.path, 'GET x\nLIST\n');
    setImmediate(finish);
    expect((await answers).map(({ event }) => event).sort()).toEqual(['listed', 'ready', 'received']);
  });

  test('tells every connection what happens by itself', async () => {
    const { socket, node } = await setUp();
    const connection = createConnection(socket.path);
    await once(connection, 'data');
    node.happen({ type: 'peer-joined', id: OTHER_ID, address: '127.0.0.1:9' });
    const [bytes] = (await once(connection, 'data')) as [Buffer];
    expect(JSON.parse(bytes.toString())).toEqual({ event: 'peer-joined', id: OTHER_ID, address: '127.0.0.1:9' });
    connection.destroy();
  });

  test('outlives clients that vanish in the middle of a command', async () => {
    const { socket, folder } = await setUp();
    for (let client = 0; client < 5; client += 1) {
      const connection = createConnection(socket.path);
      await once(connection, 'connect');
      connection.write('LIST\nGET x\nLI');
      connection.destroy();
    }
    expect(await ask(folder, 'STATUS')).toMatchObject([{ event: 'status' }]);
  });

  test('refuses a line without end and goes on', async () => {
    const { socket } = await setUp();
    const events = await converse(socket.path, `${'x'.repeat(100_000)}\nLIST\n`);
    expect(events.slice(1)).toMatchObject([
      { event: 'error', command: 1, code: 'ERR_LIMIT' },
      { event: 'listed', command: 2 },
    ]);
  });

  test('answers hundreds of lines sent at once', async () => {
    const { socket } = await setUp();
    const events = await converse(socket.path, 'LIST\n'.repeat(500));
    expect(events).toHaveLength(501);
  });

  test('replaces what a killed node left behind', async () => {
    const path = join(temporary.path, '.peerhold', 'control.sock');
    await mkdir(join(temporary.path, '.peerhold'));
    await writeFile(path, 'stale');
    const { folder } = await setUp();
    expect(await ask(folder, 'LIST')).toMatchObject([{ event: 'listed' }]);
  });

  test('is found in a folder whose path is too long for a socket', async () => {
    const long = join(temporary.path, 'x'.repeat(120));
    const { socket, folder } = await setUp(long);
    expect(Buffer.byteLength(socket.path)).toBeLessThanOrEqual(103);
    expect((await stat(socket.path)).mode & 0o777).toBe(0o600);
    expect(await ask(folder, 'LIST')).toMatchObject([{ event: 'listed' }]);
    await socket.close();
    expect(await readdir(join(folder, '.peerhold'))).toEqual([]);
    await expect(stat(socket.path)).rejects.toThrow('ENOENT');
  });

  test('says closed to every connection when the node leaves', async () => {
    const { socket, running } = await setUp();
    const connection = createConnection(socket.path);
    const answer = text(connection);
    await once(connection, 'connect');
    connection.write('LIST\n');
    await running.leave();
    await socket.close();
    expect((await answer).trimEnd().split('\n').at(-1)).toBe('{"event":"closed"}');
  });
});

describe('control', () => {
  test('yields the events of its command', async () => {
    const { folder } = await setUp();
    expect(await ask(folder, 'ADD nobody')).toEqual([
      { event: 'error', command: 1, code: 'ERR_DIAL_FAILED', message: 'nobody answers at nobody' },
    ]);
  });

  test('gets closed for BYE', async () => {
    const { folder, node } = await setUp();
    expect(await ask(folder, 'BYE')).toEqual([{ event: 'closed', command: 1 }]);
    expect(node.calls).toEqual(['close']);
  });

  test.each([
    ['a folder without a node', ''],
    ['a folder that is not there', 'none'],
  ])('says of %s that no node runs', async (_what, name) => {
    await expect(ask(join(temporary.path, name), 'LIST')).rejects.toMatchObject({ code: 'ERR_NOT_RUNNING' });
  });

  test('says so where the node goes away before it answers', async () => {
    await mkdir(join(temporary.path, '.peerhold'));
    const server = createServer((socket) => socket.end());
    await once(server.listen(join(temporary.path, '.peerhold', 'control.sock')), 'listening');
    await expect(ask(temporary.path, 'LIST')).rejects.toMatchObject({ code: 'ERR_NOT_RUNNING' });
    server.close();
  });
});
