import { VirtualClock, memoryIndex, seededRandom } from '../../../src/kit/index.ts';
import { encodeMessage } from '../../../src/node/messages/codec.ts';
import type { DecodedFrame, Message, SummMessage, TimnMessage } from '../../../src/node/messages/message.ts';
import { DIGESTS, Introductions } from '../../../src/node/overlay/introductions.ts';
import { ItemKeys } from '../../../src/node/overlay/item-keys.ts';
import { keyText } from '../../../src/node/overlay/key-set.ts';
import { Membership } from '../../../src/node/overlay/membership.ts';
import { SelfRecord } from '../../../src/node/overlay/self-record.ts';
import type { FileStatement } from '../../../src/node/records.ts';
import { Neighbour, idOf, recordOf, statementOf, summOf, timnOf } from './support/neighbour.ts';

const SELF = 100;
const PEER = 1;
const SEED = '0123456789abcdef';

/** A node that knows itself, the nodes 2 to 4 and a file of each, and a neighbour that it has a new connection to. */
async function meet({ dialled = false, features = [DIGESTS] }) {
  const self = await SelfRecord.load({
    id: idOf(SELF),
    index: memoryIndex(),
    place: undefined,
    advertise: '10.0.0.100:1',
  });
  const clock = new VirtualClock();
  const membership = new Membership({ self: self.id, clock });
  for (const number of [2, 3, 4]) membership.learn(recordOf(number));
  const files = [SELF, 2, 3, 4].map((number) => statementOf(number, `${number}.txt`));
  const introductions = new Introductions({
    self,
    membership,
    files: { statementsOf: (origin) => files.filter((statement) => statement.origin === origin) },
    random: seededRandom(1),
  });
  const neighbour = new Neighbour(PEER, {
    clock,
    dialled,
    features,
    onMessage: (message, from) => {
      if (message.type === 'SUMM') introductions.compare(message, from);
      if (message.type === 'TIMN') introductions.told(from);
    },
  });
  return { files, neighbour, introductions, membership };
}

type Meeting = Awaited<ReturnType<typeof meet>>;

const isTimn = (message: DecodedFrame): message is TimnMessage => message.type === 'TIMN';

/** The names of the files that a neighbour was told of. */
function namesTold({ neighbour }: Meeting): string[] {
  return neighbour.told
    .filter(isTimn)
    .flatMap(({ own, others }) => [own, ...others])
    .flatMap(({ files }) => files.map(({ record }) => record.name));
}

async function begin(meeting: Meeting): Promise<void> {
  meeting.neighbour.connection.start();
  meeting.introductions.begin(meeting.neighbour.connection);
  await meeting.neighbour.clock.advance(0);
}

async function say({ neighbour }: Meeting, ...messages: readonly Message[]): Promise<void> {
  neighbour.session.say(...messages);
  await neighbour.clock.advance(0);
}

/** What a peer says that knows these nodes and statements. */
function listing(nodes: readonly number[], files: readonly FileStatement[]): SummMessage {
  const keys = new ItemKeys(SEED);
  const all = [...nodes.map((number) => keys.ofNode(recordOf(number))), ...files.map((file) => keys.ofStatement(file))];
  return { ...summOf(SEED), listings: [{ prefix: '', keys: all.map((key) => keyText(key)) }] };
}

const types = ({ neighbour }: Meeting) => neighbour.told.map(({ type }) => type);

test('a peer that cannot compare is told everything at once', async () => {
  const meeting = await meet({ features: [] });
  await begin(meeting);
  expect(types(meeting)).toEqual(['TIMN']);
  expect(namesTold(meeting)).toEqual(['100.txt', '2.txt', '3.txt', '4.txt']);
});

test('whoever dialled begins to compare, and tells its network when the peer has told its own', async () => {
  const meeting = await meet({ dialled: true });
  await begin(meeting);
  expect(types(meeting)).toEqual(['SUMM']);
  await say(meeting, timnOf(PEER));
  expect(types(meeting)).toEqual(['SUMM', 'TIMN']);
  expect(namesTold(meeting)).toEqual([]);
});

test('a peer that knows nothing is told everything, one that knows the same nothing but who we are', async () => {
  const [stranger, equal] = [await meet({}), await meet({})];
  await begin(stranger);
  await say(stranger, listing([], []));
  expect(namesTold(stranger)).toEqual(['100.txt', '2.txt', '3.txt', '4.txt']);
  await begin(equal);
  await say(equal, listing([2, 3, 4], equal.files));
  expect(types(equal)).toEqual(['TIMN']);
  expect(equal.neighbour.told).toMatchObject([{ own: { node: { id: idOf(SELF) }, files: [] }, others: [] }]);
});

test('a peer is told what it lacks: a node, a file, a file that is another by now', async () => {
  const meeting = await meet({});
  await begin(meeting);
  const [own, , third] = meeting.files as [FileStatement, FileStatement, FileStatement, FileStatement];
  await say(meeting, listing([2, 4], [own, { ...third, sequence: 0 }]));
  expect(namesTold(meeting)).toEqual(['2.txt', '3.txt', '4.txt']);
  const [told] = meeting.neighbour.told.filter(isTimn);
  expect(told?.others.map(({ node }) => node.id)).toEqual([2, 3, 4].map(idOf));
});

test('what we lack is asked for', async () => {
  const meeting = await meet({});
  await begin(meeting);
  const theirs = statementOf(PEER, 'theirs.txt');
  await say(meeting, listing([2, 3, 4], [...meeting.files, theirs]));
  const wants = [keyText(new ItemKeys(SEED).ofStatement(theirs))];
  expect(meeting.neighbour.told).toMatchObject([{ type: 'SUMM', ranges: [], listings: [], wants }, { type: 'TIMN' }]);
});

test('news waits until the network was told', async () => {
  const meeting = await meet({});
  await begin(meeting);
  meeting.neighbour.connection.send([encodeMessage({ type: 'FILE', statement: statementOf(3, 'new.txt') })]);
  await meeting.neighbour.clock.advance(0);
  expect(types(meeting)).toEqual([]);
  await say(meeting, listing([], []));
  expect(types(meeting)).toEqual(['TIMN', 'FILE']);
});

test('what changes while it is compared is told as it is then', async () => {
  const meeting = await meet({ dialled: true });
  await begin(meeting);
  meeting.membership.learn(recordOf(5));
  const [summ] = meeting.neighbour.told as [SummMessage];
  await say(meeting, { ...summOf(summ.seed), listings: [{ prefix: '', keys: [] }] });
  const [told] = meeting.neighbour.told.filter(isTimn);
  // The fifth goes to all neighbours as news, behind this.
  expect(told?.others.map(({ node }) => node.id)).toEqual([2, 3, 4].map(idOf));
});

test('a peer that tells its network and compares nothing is told everything', async () => {
  const meeting = await meet({});
  await begin(meeting);
  await say(meeting, timnOf(PEER));
  expect(namesTold(meeting)).toHaveLength(4);
});

test.each<[string, Parameters<typeof meet>[0], readonly Message[]]>([
  ['that cannot compare', { features: [] }, [summOf(SEED)]],
  ['when all was compared', {}, [summOf(SEED), summOf(SEED)]],
  ['when it has told its network', {}, [timnOf(PEER), summOf(SEED)]],
])('a SUMM of a peer %s ends the connection', async (_what, options, messages) => {
  const meeting = await meet(options);
  await begin(meeting);
  await say(meeting, ...messages);
  expect(meeting.neighbour.session.abortedWith).toMatchObject({ code: 'ERR_MESSAGE' });
});

test('a peer that answers under another seed loses the connection', async () => {
  const meeting = await meet({ dialled: true });
  await begin(meeting);
  await say(meeting, summOf('f'.repeat(16)));
  expect(meeting.neighbour.session.abortedWith).toMatchObject({ code: 'ERR_MESSAGE' });
});

test('a peer that lives and compares nothing loses the connection', async () => {
  const meeting = await meet({ dialled: true });
  await begin(meeting);
  for (let beat = 0; beat < 5; beat++) {
    await say(meeting, { type: 'HB', stamp: beat, echo: -1, heldMs: 0, connections: [] });
    await meeting.neighbour.clock.advance(2_500);
  }
  expect(meeting.neighbour.session.abortedWith).toMatchObject({ code: 'ERR_HANDSHAKE_TIMEOUT' });
});
