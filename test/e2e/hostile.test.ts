import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { encodeHello } from '../../src/node/link/hello.ts';
import { helloKey } from '../../src/node/link/key-schedule.ts';
import { parseSharedKey } from '../../src/node/identity/shared-key.ts';
import { encodeMessage } from '../../src/node/messages/codec.ts';
import type { Message, SmfxMessage } from '../../src/node/messages/message.ts';
import { arbitraryMessage } from '../node/messages/samples.ts';
import { eventually } from './support/eventually.ts';
import { HostileMember } from './support/hostile-member.ts';
import { mutations } from './support/mutations.ts';
import { PAIR } from './support/pair.ts';
import { Siege } from './support/siege.ts';
import { HASTY, useNodes } from './support/start-node.ts';
import { Stranger } from './support/stranger.ts';
import { portOf } from './support/wire.ts';

const MAX_RANGE = 512 * 1024;

const nodes = useNodes({ settings: HASTY, lasting: 'file' });
let siege: Siege;
let mallory: HostileMember;

beforeAll(async () => {
  siege = await Siege.begin(nodes);
}, 60_000);
beforeEach(() => {
  mallory = new HostileMember(nodes.key);
});
afterEach(async () => {
  mallory.close();
  await siege.expectUnharmed();
});
afterAll(async () => {
  await siege.end();
});

const transfer = () => randomBytes(16).toString('hex');
const smfx = (number: string, name = 'shared.bin'): SmfxMessage => ({
  type: 'SMFX',
  address: '127.0.0.1:9',
  name,
  transfer: number,
  checksum: '',
  parts: false,
});

describe('somebody without the key', () => {
  test('who sends 10,000 pieces of random bytes is told of in one line', async () => {
    const mark = (await siege.log()).length;
    const stranger = new Stranger();
    try {
      await stranger.wire.send(
        portOf(siege.target.address),
        Array.from({ length: 10_000 }, (_, index) => randomBytes(index % 3 === 0 ? 1_200 : 100)),
      );
    } finally {
      stranger.close();
    }
    await siege.expectUnharmed();
    await siege.onlyWarningSince(mark);
  });

  test('who replays a recorded hello keeps nobody out', async () => {
    const terms = { version: 1, cipherName: PAIR.cipher, helloKey: helloKey(parseSharedKey(nodes.key)) };
    const recorded = encodeHello(terms, randomBytes(48));
    const stranger = new Stranger();
    try {
      for (let time = 0; time < 20; time++) {
        await (await stranger.connect(siege.target.address)).send(recorded).catch(() => undefined);
      }
      const session = await mallory.dial(siege.target.address);
      expect(session.hasEnded).toBe(false);
    } finally {
      stranger.close();
    }
  });
});

describe('a member', () => {
  test('whose messages are none loses its connections one after the other, and nothing else happens', async () => {
    const frames = fc.sample(arbitraryMessage, { numRuns: 300, seed: 1 }).map(encodeMessage);
    const bad = fc.sample(mutations(frames), { numRuns: 1_500, seed: 2 });
    await mallory.sayAll(bad, siege.target.address);
    await siege.expectUnharmed();
    expect((await siege.log()).filter((line) => /ERR_INTERNAL|TypeError|RangeError/.test(line))).toEqual([]);
  });

  test('that says what is no message to a neighbour loses the connection, in one line', async () => {
    const mark = (await siege.log()).length;
    const session = await mallory.join(siege.target.address);
    const ended = session.read();
    await session.sayBytes(Buffer.from('LEFT^1.2.3.4'));
    await ended;
    expect(await siege.onlyWarningSince(mark)).toContain('code=ERR_MESSAGE');
  });

  test.each([
    ['that begins beyond the end', 1024 * 1024, 1],
    ['that goes beyond the end', 1024 * 1024 - 10, 11],
    ['far beyond the end', 2 ** 52, MAX_RANGE],
  ])('that asks for a range %s loses the connection, in one line', async (_what, position, length) => {
    const mark = (await siege.log()).length;
    const session = await mallory.dial(siege.target.address);
    const ended = session.read();
    const number = transfer();
    await session.say(smfx(number));
    await session.say({ type: 'REQUEST', transfer: number, position, length });
    await ended;
    expect(await siege.onlyWarningSince(mark)).toContain('code=ERR_MESSAGE');
  });

  test.each([
    [
      'data that nobody asked for',
      (number: string) => ({ type: 'DATA', transfer: number, position: 0, bytes: randomBytes(9) }),
    ],
    [
      'data of a transfer that is none',
      () => ({ type: 'DATA', transfer: transfer(), position: 0, bytes: randomBytes(9) }),
    ],
    ['one number for two transfers', (number: string) => smfx(number, 'another.bin')],
    ['what belongs on a direct connection', () => ({ type: 'HB', stamp: 1, echo: -1, heldMs: 0, connections: [] })],
  ] satisfies [string, (number: string) => Message][])(
    'that sends %s on a transfer connection loses it, in one line',
    async (_what, message) => {
      const mark = (await siege.log()).length;
      const session = await mallory.dial(siege.target.address);
      const ended = session.read();
      const number = transfer();
      await session.say(smfx(number));
      await session.say(message(number));
      await ended;
      expect(await siege.onlyWarningSince(mark)).toContain('code=ERR_MESSAGE');
    },
  );

  test('that opens more requests than a transfer may have, and takes nothing, loses the connection', async () => {
    const session = await mallory.dial(siege.target.address);
    const number = transfer();
    await session.say(smfx(number));
    for (let time = 0; time < 3_000 && !session.hasEnded; time++) {
      await session.say({ type: 'REQUEST', transfer: number, position: 0, length: MAX_RANGE });
    }
    await eventually(async () => {
      const lines = (await siege.log()).filter((line) => line.includes(' transfer.connection_failed '));
      expect(lines.filter((line) => line.includes('code=ERR_LIMIT'))).toHaveLength(1);
    });
  });

  test('that asks for what is not in the folder, and offers it, is refused, and nothing is written', async () => {
    const before = await siege.targetHolds();
    for (const name of [
      '../x',
      '/tmp/x',
      '.peerhold/identity.pem',
      '.PEERHOLD/x',
      'a/../../x',
      './x',
      'a//x',
      'x\0y',
      '',
    ]) {
      const wire = encodeURIComponent(name).replaceAll('%2F', '/');
      const rest = `${'cd'.repeat(32)}^${transfer()}^1^0^mallory^${mallory.id}^${mallory.id}:1`;
      for (const text of [`SMFX^127.0.0.1^9^${wire}^${transfer()}^`, `SDFX^127.0.0.1^9^${wire}^${rest}`]) {
        const session = await mallory.dial(siege.target.address);
        const ended = session.read();
        await session.sayBytes(Buffer.from(text));
        await ended;
        expect([name, session.heard]).toEqual([name, []]);
      }
    }
    expect(await siege.targetHolds()).toEqual(before);
  });

  test('that sends a file again and again cannot make a node lose what its user wrote', async () => {
    const path = join(siege.target.folder, 'diary.txt');
    await writeFile(path, 'what only this user has');
    await eventually(async () => {
      const { files } = await siege.target.expect('listed', 'LIST');
      expect(files.map(({ name }) => name)).toContain('diary.txt');
    });
    for (let time = 0; time < 12; time++) await overwrite(mallory, 'diary.txt', `worthless ${time}`);
    expect(await readFile(path, 'utf8')).toBe('worthless 11');
    const { versions } = await siege.target.expect('versions', 'VERSIONS diary.txt');
    await siege.target.expect('restored', `RESTORE ${versions.at(-1)?.version}`);
    expect(await readFile(path, 'utf8')).toBe('what only this user has');
  });
});

/** Offers a content under a name to the target and delivers it. */
async function overwrite(member: HostileMember, name: string, text: string): Promise<void> {
  const content = Buffer.from(text);
  const checksum = createHash('sha256').update(content).digest('hex');
  const session = await member.dial(siege.target.address);
  const done = new Promise<void>((resolve) => {
    void session.read(async (message) => {
      if (message.type === 'DONE') resolve();
      if (message.type !== 'REQUEST') return;
      const { transfer, position, length } = message;
      await session.say({ type: 'DATA', transfer, position, bytes: content.subarray(position, position + length) });
    });
  });
  const record = member.file(name, { checksum, size: content.length });
  await session.say({ type: 'SDFX', address: '127.0.0.1:9', transfer: transfer(), record });
  await done;
  session.abort();
}
