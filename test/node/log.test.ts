import { SHARED_KEY, SimulatedNetwork, writeFile, type SimulatedNode } from '../support/simulated-network.ts';
import type { RecordedEvent } from '../support/recording-logger.ts';

const SECRET_WORDS = "the content of this file is nobody else's affair, least of all the log's";

/** One frame, as both ends have to tell of it. */
interface LoggedFrame {
  readonly type: unknown;
  readonly size: unknown;
  readonly transfer: unknown;
}

/** All frames of one connection in one direction, in order. */
interface Sequence {
  readonly from: string;
  readonly to: string;
  readonly frames: LoggedFrame[];
}

let network: SimulatedNetwork;
let nodes: SimulatedNode[];

/** ADD, GET, SEND, a death and its healing, BYE. */
beforeAll(async () => {
  network = new SimulatedNetwork();
  nodes = await network.line(4, (host) => ({ files: { [`file-${host}.txt`]: `${SECRET_WORDS} ${host}` } }));
  const [a, b, c, d] = nodes as [SimulatedNode, SimulatedNode, SimulatedNode, SimulatedNode];
  await network.while(() => a.node.get('file-4.txt'));
  await network.while(() => d.node.send('file-4.txt'));
  await writeFile(c.disk, 'later.txt', SECRET_WORDS);
  await network.clock.advance(5_000);
  network.kill(b);
  await network.clock.advance(13_000);
  await network.while(() => d.node.close());
  await network.clock.advance(1_000);
  await network.close();
});

/** What one log alone says of every connection: its frames in one direction, in order. */
function sequences({ node, log }: SimulatedNode, direction: 'in' | 'out'): Sequence[] {
  const byConnection = new Map<unknown, Sequence>();
  for (const { event, fields } of log.events) {
    if (event !== `frame.${direction}`) continue;
    const peer = fields['peer'] as string;
    const [from, to] = direction === 'out' ? [node.id, peer] : [peer, node.id];
    const sequence = byConnection.get(fields['connection']) ?? { from, to, frames: [] };
    byConnection.set(fields['connection'], sequence);
    const { type, size, transfer } = fields;
    sequence.frames.push({ type, size, transfer });
  }
  return [...byConnection.values()];
}

function startsWith(whole: Sequence, start: Sequence): boolean {
  return whole.from === start.from && whole.to === start.to && isPrefix(start.frames, whole.frames);
}

function isPrefix(start: readonly LoggedFrame[], whole: readonly LoggedFrame[]): boolean {
  return start.every((frame, at) => JSON.stringify(frame) === JSON.stringify(whole[at]));
}

const named = ({ log }: SimulatedNode, event: string): RecordedEvent[] => log.named(event);

describe('the network-layer log of one node', () => {
  test.each([0, 1, 2, 3])('tells every message that node %i got, as its sender sent it, in order', (number) => {
    const node = nodes[number] as SimulatedNode;
    const sent = nodes.filter((other) => other !== node).flatMap((other) => sequences(other, 'out'));
    const received = sequences(node, 'in');
    expect(received.length).toBeGreaterThan(2);
    for (const sequence of received) {
      const match = sent.findIndex((whole) => startsWith(whole, sequence));
      expect([sequence.frames.map(({ type }) => type), match]).not.toEqual([expect.anything(), -1]);
      // A frame is told of by one sender only: what was matched is used up.
      sent.splice(match, 1);
    }
  });

  test('shows whole exchanges: the documented messages with type, peer, size and transfer number', () => {
    const [a, , , d] = nodes as [SimulatedNode, SimulatedNode, SimulatedNode, SimulatedNode];
    const ofTransfers = [...sequences(a, 'out'), ...sequences(a, 'in')].filter(({ frames }) =>
      frames.some(({ type }) => type === 'SMFX' || type === 'DATA'),
    );
    const numbers = new Set(ofTransfers.flatMap(({ frames }) => frames.map(({ transfer }) => transfer)));
    for (const number of numbers) expect(number).toMatch(/^[0-9a-f]{32}$/);
    const types = new Set(
      nodes.flatMap((node) => sequences(node, 'out')).flatMap(({ frames }) => frames.map(({ type }) => type)),
    );
    for (const type of [
      'CONN',
      'TIMN',
      'JOIN',
      'HB',
      'FILE',
      'SMFX',
      'SDFX',
      'BYEF',
      'LEFT',
      'REQUEST',
      'DATA',
      'DONE',
    ])
      expect(types).toContain(type);
    expect(named(d, 'frame.out').every(({ fields }) => typeof fields['size'] === 'number')).toBe(true);
  });

  test('tells connections, handshakes, joins, leaves and heals, each with the peer', () => {
    const [a, b, c] = nodes as [SimulatedNode, SimulatedNode, SimulatedNode];
    for (const event of ['connection.opened', 'handshake.done', 'direct.connected', 'peer.joined'])
      expect(named(a, event).map(({ fields }) => fields['peer'])).toContain(b.node.id);
    const ended = named(a, 'direct.ended').find(({ fields }) => fields['peer'] === b.node.id);
    expect(ended?.fields).toMatchObject({ how: 'silent', code: 'ERR_PEER_DEAD' });
    expect(named(a, 'peer.left').map(({ fields }) => fields['peer'])).toContain(b.node.id);
    expect(named(a, 'heal.planned').map(({ fields }) => fields['gone'])).toContain(b.node.id);
    const healed = [...named(a, 'heal.connected'), ...named(c, 'heal.connected')];
    expect(
      healed.map(({ fields }) => fields['peer']).filter((id) => id === a.node.id || id === c.node.id),
    ).toHaveLength(1);
  });

  test('closes or ends every connection that it opened', () => {
    for (const node of nodes) {
      const ends = ['connection.closed', 'connection.ended', 'connection.failed'].flatMap((event) =>
        named(node, event),
      );
      const over = new Set(ends.map(({ fields }) => fields['connection']));
      for (const { fields } of named(node, 'connection.opened')) expect(over).toContain(fields['connection']);
    }
  });

  test('holds neither the shared key nor the content of any file, in whatever form', () => {
    const everything = JSON.stringify(nodes.map(({ log }) => log.events));
    const secrets = [Buffer.from(SHARED_KEY), Buffer.from(SECRET_WORDS), Buffer.from(SECRET_WORDS).subarray(3, 30)];
    for (const secret of secrets) {
      for (const encoding of ['hex', 'base64', 'base64url', 'latin1', 'utf8'] as const)
        expect(everything).not.toContain(JSON.stringify(secret.toString(encoding)).slice(1, -1).replace(/=+$/, ''));
      expect(everything).not.toContain([...secret].join());
    }
  });

  test('names no event of level error in a run where nothing is wrong', () => {
    expect(nodes.flatMap(({ log }) => log.events).filter(({ level }) => level === 'error')).toEqual([]);
  });
});
