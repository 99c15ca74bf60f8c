import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { encodeMessage } from '../../src/node/messages/codec.ts';
import { arbitraryMessage } from '../node/messages/samples.ts';
import { eventually } from './support/eventually.ts';
import { HostileMember } from './support/hostile-member.ts';
import { mutations } from './support/mutations.ts';
import { peakMemory, processorTime } from './support/process-figures.ts';
import { Siege } from './support/siege.ts';
import { useNodes } from './support/start-node.ts';

/** Bounds of what one member can make a node use; see docs/security.md. */
const MAX_MEMORY_MIB = 512;
const FILES_OF_ONE_ORIGIN = 100_000;
const FILES_IN_A_MESSAGE = 200;
const NODES_IN_A_MESSAGE = 800;

// The default profile with the documented timers: every attack goes on against a node as it is shipped.
const nodes = useNodes();
let siege: Siege;
let mallory: HostileMember;

beforeEach(async () => {
  siege = await Siege.begin(nodes);
  mallory = new HostileMember(nodes.key);
}, 60_000);
afterEach(async () => {
  mallory.close();
  await siege.end();
});

const id = (number: number) => number.toString(16).padStart(32, 'e');

describe('a node as shipped goes on while a member', () => {
  test('sends thousands of messages that are none', async () => {
    const frames = fc.sample(arbitraryMessage, { numRuns: 1_000, seed: 3 }).map(encodeMessage);
    const bad = fc.sample(mutations(frames), { numRuns: 10_000, seed: 4 });
    await mallory.sayAll(bad, siege.target.address);
    await siege.expectUnharmed();
    expect((await siege.log()).filter((line) => /ERR_INTERNAL|TypeError|RangeError/.test(line))).toEqual([]);
    expect(await peakMemory(siege.target)).toBeLessThan(MAX_MEMORY_MIB);
  }, 120_000);

  test('invents 100,000 nodes, of which it believes 10,000', async () => {
    const session = await mallory.join(siege.target.address);
    void session.read();
    for (let first = 0; first < 100_000; first += NODES_IN_A_MESSAGE) {
      const others = Array.from({ length: NODES_IN_A_MESSAGE }, (_, index) => ({
        node: { id: id(first + index), address: `10.0.${index >> 8}.${index & 255}:1`, incarnation: 1 },
        files: [],
      }));
      await session.say({ type: 'TIMN', own: { node: mallory.record, files: [] }, others });
    }
    await siege.expectUnharmed();
    const { known } = await siege.target.expect('status', 'STATUS');
    expect(known).toBeLessThanOrEqual(10_000);
    expect(await peakMemory(siege.target)).toBeLessThan(MAX_MEMORY_MIB);
  }, 60_000);

  test('invents more files than are kept, of which the node warns once', async () => {
    const session = await mallory.join(siege.target.address);
    void session.read();
    for (let first = 0; first < FILES_OF_ONE_ORIGIN + 2_000; first += FILES_IN_A_MESSAGE) {
      const files = Array.from({ length: FILES_IN_A_MESSAGE }, (_, index) =>
        mallory.statement(`${first + index}.txt`, { sequence: first + index + 1 }),
      );
      await session.say({ type: 'TIMN', own: { node: mallory.record, files }, others: [] });
    }
    await eventually(async () => {
      const warnings = await siege.warningsSince(0);
      expect(warnings.filter((line) => line.includes('code=ERR_LIMIT'))).toHaveLength(1);
    }, 30_000);
    await siege.expectUnharmed();
    expect(await peakMemory(siege.target)).toBeLessThan(MAX_MEMORY_MIB);
  }, 60_000);

  test('opens 500 sessions, and 64 transfers of which it takes nothing', async () => {
    const answers = Array.from({ length: 500 }, () => mallory.dial(siege.target.address));
    const opened = (await Promise.allSettled(answers)).filter(({ status }) => status === 'fulfilled');
    expect(opened.length).toBeGreaterThan(0);
    await siege.expectUnharmed();

    const members = Array.from({ length: 8 }, () => new HostileMember(nodes.key));
    try {
      for (const member of members) await askAndTakeNothing(member);
      await siege.expectUnharmed();
      expect(await peakMemory(siege.target)).toBeLessThan(MAX_MEMORY_MIB);
    } finally {
      for (const member of members) member.close();
    }
    // And when they are gone it does nothing any more.
    await siege.end();
    await sleep(1_000);
    const before = await processorTime(siege.target);
    await sleep(3_000);
    expect((await processorTime(siege.target)) - before).toBeLessThan(0.15);
  }, 120_000);

  test('says that it lives and nothing else: it is no neighbour for long', async () => {
    const session = await mallory.dial(siege.target.address);
    const ended = session.read();
    await session.say({
      type: 'CONN',
      node: mallory.record,
      recovery: false,
      user: 'mallory',
      minorVersion: 0,
      features: [],
    });
    session.beat();
    await ended;
    await siege.expectUnharmed();
  }, 60_000);

  test('takes nothing of what it is sent while another one talks: it is dropped, and costs no memory', async () => {
    const deaf = await mallory.join(siege.target.address);
    const loud = new HostileMember(nodes.key);
    try {
      const talking = await loud.join(siege.target.address);
      void talking.read();
      const isDropped = async () =>
        (await siege.log()).some((line) => line.includes(' direct.ended ') && line.includes(mallory.id));
      for (let sequence = 1; !(await isDropped()); sequence++) {
        const files = Array.from({ length: 60 }, (_, index) =>
          loud.statement(`${index}/${'n'.repeat(250)}/${'n'.repeat(250)}/${'n'.repeat(250)}`, { sequence }),
        );
        await talking.say({ type: 'JOIN', own: { node: loud.record, files }, others: [] });
      }
    } finally {
      loud.close();
      deaf.abort();
    }
    expect(await peakMemory(siege.target)).toBeLessThan(MAX_MEMORY_MIB);
  }, 60_000);
});

/** Eight transfers of the target's file, each with as many requests as may be open, of which no answer is ever read. */
async function askAndTakeNothing(member: HostileMember): Promise<void> {
  for (let count = 0; count < 8; count++) {
    const session = await member.dial(siege.target.address);
    const transfer = randomBytes(16).toString('hex');
    await session.say({
      type: 'SMFX',
      address: '127.0.0.1:9',
      name: 'shared.bin',
      transfer,
      checksum: '',
      parts: false,
    });
    for (let request = 0; request < 500; request++) {
      await session.say({ type: 'REQUEST', transfer, position: 0, length: 512 * 1024 });
    }
  }
}
