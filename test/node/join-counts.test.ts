import { SimulatedNetwork, type SimulatedNode } from '../support/simulated-network.ts';

let network: SimulatedNetwork;

beforeEach(() => {
  network = new SimulatedNetwork();
});
afterEach(() => network.close());

/** Frames of which a node told the network-layer log that it sent them, from an event on. */
const sentFrom = ({ log }: SimulatedNode, first: number) =>
  log
    .named('frame.out')
    .slice(first)
    .map(({ fields }) => ({ type: fields['type'], size: Number(fields['size']) }));
const sentSoFar = ({ log }: SimulatedNode) => log.named('frame.out').length;
const bytesOf = (frames: readonly { readonly size: number }[]) => frames.reduce((sum, { size }) => sum + size, 0);

const ofType = <Frame extends { readonly type: unknown }>(frames: readonly Frame[], type: string) =>
  frames.filter((frame) => frame.type === type);

/** Two nodes with so many files each, one of which is added to the other; what each sends until they are in step. */
async function join(files: number) {
  const folder = (hostNumber: number) =>
    Object.fromEntries(
      Array.from({ length: files }, (_, index) => [`file-${hostNumber}-${index}.txt`, `content ${index}`]),
    );
  const [a, b] = [await network.start(1, { files: folder(1) }), await network.start(2, { files: folder(2) })];
  await network.while(() => b.node.add(a.address));
  await network.clock.advance(500);
  expect(a.node.list()).toHaveLength(2 * files);
  return { a, b, sent: [a, b].map((node) => sentFrom(node, 0)) };
}

test('a join takes three frames from each side, and one more from whoever dialled: who I am, who else is here, whether we know the same, what you lack; less than 250 bytes where there are no files', async () => {
  const { sent } = await join(0);
  expect(sent.map((frames) => frames.map(({ type }) => type))).toEqual([
    ['CONN', 'HB', 'TIMN'],
    ['CONN', 'HB', 'SUMM', 'TIMN'],
  ]);
  for (const frames of sent) expect(bytesOf(frames)).toBeLessThan(250);
});

test('a file adds one statement to what is told at a join, of less than 280 bytes, 64 of them the hash of its manifest, under a short name; finding out that it is lacked takes less than 40 bytes, and two frames for all of a folder', async () => {
  const [none, hundred] = [(await join(0)).sent, await joinAnew(100)];
  for (const [side, frames] of hundred.entries()) {
    const before = none[side] ?? [];
    const bytesFor = (type: string) => bytesOf(ofType(frames, type)) - bytesOf(ofType(before, type));
    expect(ofType(frames, 'TIMN')).toHaveLength(1);
    expect(bytesFor('TIMN') / 100).toBeLessThan(280);
    expect(ofType(frames, 'SUMM').length).toBeLessThanOrEqual(2);
    expect(bytesFor('SUMM') / 100).toBeLessThan(40);
  }
});

test('a connection between two nodes that know the same costs less than 300 bytes from each side, however much they know', async () => {
  const { a, b } = await join(100);
  const c = await network.start(3);
  await network.while(() => c.node.add(a.address));
  await network.clock.advance(500);
  expect(c.node.list()).toHaveLength(200);
  const before = [b, c].map(sentSoFar);
  await network.while(() => c.node.add(b.address));
  await network.clock.advance(500);
  for (const [index, node] of [b, c].entries()) {
    const frames = sentFrom(node, before[index] ?? 0).filter(({ type }) => type !== 'HB');
    expect(bytesOf(frames)).toBeLessThan(300);
  }
});

test('two nodes at rest send a heartbeat each every two seconds, of less than 80 bytes, and nothing else', async () => {
  const { a, b } = await join(3);
  await network.clock.advance(20_000);
  const before = [a, b].map(sentSoFar);
  await network.clock.advance(60_000);
  for (const [index, node] of [a, b].entries()) {
    const frames = sentFrom(node, before[index] ?? 0);
    expect(new Set(frames.map(({ type }) => type))).toEqual(new Set(['HB']));
    expect(frames).toHaveLength(30);
    for (const { size } of frames) expect(size).toBeLessThan(80);
  }
});

async function joinAnew(files: number) {
  await network.close();
  network = new SimulatedNetwork();
  return (await join(files)).sent;
}
