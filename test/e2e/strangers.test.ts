import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeProcess } from '../../src/cli/node-process.ts';
import type { Connection } from '../../src/kernel/index.ts';
import { decodeReject, encodeHello, FIRST_MESSAGE_LENGTH, MAJOR_VERSION } from '../../src/node/link/hello.ts';
import { formatSharedKey } from '../../src/node/identity/shared-key.ts';
import { eventually } from './support/eventually.ts';
import { OTHER_CIPHER, PAIR } from './support/pair.ts';
import { HASTY, useNodes } from './support/start-node.ts';
import { Stranger } from './support/stranger.ts';
import { portOf } from './support/wire.ts';

// Two nodes with a file, and all that may turn up at the port of one of them. Every GET makes a connection of its own.
const nodes = useNodes({ settings: { ...HASTY, handshakeMs: 1_000, transferIdleMs: 50 }, lasting: 'file' });
let target: NodeProcess;
let friend: NodeProcess;
let stranger: Stranger;

beforeAll(async () => {
  const folder = await nodes.folder('target');
  await writeFile(join(folder, 'file.txt'), 'for friends');
  [target, friend] = await Promise.all([nodes.start({ folder }), nodes.start()]);
  await friend.expect('added', `ADD ${target.address}`);
}, 60_000);

beforeEach(() => {
  stranger = new Stranger();
});

afterEach(() => stranger.close());

/** The two are connected, and files pass. */
async function expectUnharmed(): Promise<void> {
  await eventually(async () => {
    const { files } = await friend.expect('listed', 'LIST');
    expect(files).toMatchObject([{ name: 'file.txt', holders: [target.id] }]);
  });
  await friend.expect('received', 'GET file.txt');
  await rm(join(friend.folder, 'file.txt'));
  for (const node of [target, friend]) expect(await node.expect('status', 'STATUS')).toMatchObject({ direct: 1 });
}

/** And the log of the one it came to has one line with the code. */
async function expectOneLine(code: string): Promise<void> {
  await eventually(() => expect(linesWith(code)).toHaveLength(1));
  await expectUnharmed();
  expect(linesWith(code)).toHaveLength(1);
}

function linesWith(code: string): string[] {
  return target.stderr.split('\n').filter((line) => line.includes(`code=${code} `) || line.endsWith(`code=${code}`));
}

describe('a node is unharmed, and says in one line what came, where there comes', () => {
  test('a node with another key; which says the same', async () => {
    const other = await nodes.start({ key: formatSharedKey(randomBytes(32)) });
    for (let time = 0; time < 3; time++) {
      expect(await other.command(`ADD ${target.address}`)).toMatchObject({ event: 'error', code: 'ERR_KEY_DIFFERS' });
    }
    await target.waitFor('warning', ({ code }) => code === 'ERR_KEY_DIFFERS');
    await expectOneLine('ERR_KEY_DIFFERS');
    await other.kill();
  });

  test('a node with another cipher; and both name both', async () => {
    const config = await nodes.configWith({ cipher: OTHER_CIPHER });
    const other = await nodes.start({ flags: ['--config', config] });
    expect(await other.command(`ADD ${target.address}`)).toMatchObject({
      event: 'error',
      code: 'ERR_CIPHER_DIFFERS',
      message: expect.stringMatching(new RegExp(`${PAIR.cipher}.*${OTHER_CIPHER}`)) as string,
    });
    await expectOneLine('ERR_CIPHER_DIFFERS');
    expect(linesWith('ERR_CIPHER_DIFFERS')[0]).toMatch(new RegExp(`${OTHER_CIPHER}.*${PAIR.cipher}`));
    await other.kill();
  });

  test('a peer that speaks another version; which is told so', async () => {
    const connection = await stranger.connect(target.address);
    const terms = { version: MAJOR_VERSION + 1, cipherName: PAIR.cipher, helloKey: randomBytes(32) };
    await connection.send(encodeHello(terms, randomBytes(FIRST_MESSAGE_LENGTH)));
    expect(decodeReject(await firstFrame(connection))).toMatchObject({ code: 'ERR_VERSION_DIFFERS' });
    await expectOneLine('ERR_VERSION_DIFFERS');
  });

  test('a peer that begins with something else than a handshake', async () => {
    const connection = await stranger.connect(target.address);
    await connection.send(Buffer.from('CONN^127.0.0.1&7&00000000000000000000000000000000&1^False^mallory'));
    expect(decodeReject(await firstFrame(connection))).toMatchObject({ code: 'ERR_HANDSHAKE' });
    await expectOneLine('ERR_HANDSHAKE');
  });

  test('a peer that connects and says nothing', async () => {
    const connection = await stranger.connect(target.address);
    await expect(firstFrame(connection)).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    await expectOneLine('ERR_HANDSHAKE_TIMEOUT');
  });

  test('200 peers that say nothing, at once', async () => {
    await Promise.all(Array.from({ length: 200 }, () => stranger.connect(target.address)));
    await expectOneLine('ERR_LIMIT');
  });

  test('a member whose first message is none', async () => {
    const session = await stranger.join(target.address, nodes.key);
    await session.send(Buffer.from('CONN^no node record'));
    await expect(firstFrame(session)).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    await expectOneLine('ERR_MESSAGE');
  });

  test('bytes that are garbage, and none', async () => {
    const garbage = Array.from({ length: 100 }, (_, index) => randomBytes(13 * index));
    await stranger.wire.send(portOf(target.address), [new Uint8Array(0), ...garbage, new Uint8Array(0)]);
    await expectOneLine(stranger.wire.codeOfGarbage);
  });

  test('the bytes of a whole session once more', async () => {
    const port = portOf(target.address);
    const { port: front, heard } = await stranger.wire.eavesdrop(port);
    const session = await stranger.join(target.address.replace(String(port), String(front)), nodes.key);
    // The node ends a session that closes without a word, which may be known here before all that was closed is delivered.
    await session.close().catch(() => undefined);
    expect(heard.length).toBeGreaterThan(3);
    const before = target.stderr;
    await stranger.wire.replay(port, heard);
    await stranger.wire.replay(port, heard);
    await expectUnharmed();
    expect(target.stderr.slice(before.length).split('\n').length - 1).toBeLessThanOrEqual(1);
  });
});

/** What the other side sends first; rejects where it ends the connection instead. */
async function firstFrame(connection: Connection): Promise<Uint8Array> {
  const result = await connection[Symbol.asyncIterator]().next();
  if (result.done === true) throw new Error('the other side closed without a word');
  return result.value;
}
