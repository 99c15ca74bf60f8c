import { PEER, PIECE_LENGTH, SELF, SETTINGS, sha256, startFiles, text, type TestFiles } from './fixture.ts';
import { contentOf, describe as describeFile, receivePieces } from './pieces-fixture.ts';

const file = describeFile(contentOf(1, 3 * PIECE_LENGTH));
/** Its pieces are those of its manifest, but the whole is not what its writer promised. */
const lie = describeFile(contentOf(2, 3 * PIECE_LENGTH), { says: sha256('something else') });

/** A node that does not come to verify what it receives next. */
async function busyNode(user = 'alice'): Promise<TestFiles> {
  const settings = { ...SETTINGS, verifyRate: 1 };
  const node = await startFiles(undefined, { settings, self: { id: SELF, user } });
  await receivePieces(node, describeFile(contentOf(1, 3 * PIECE_LENGTH), { name: 'e' }));
  return node;
}

/** What it found of f, as far as it came. */
async function dieAfterFinding(node: TestFiles): Promise<void> {
  const holding = node.files.index.own.holding('f');
  if (holding === undefined) throw new Error('not held');
  node.files.index.own.failedCheck('f', holding.record);
  await node.close();
}

const checkOf = ({ files }: TestFiles) => files.index.own.holding('f')?.check;

function restart(node: TestFiles, options: Parameters<typeof startFiles>[1] = {}): Promise<TestFiles> {
  return startFiles({ clock: node.clock, disk: node.disk, index: node.index }, { incarnation: 2, ...options });
}

describe('a file whose pieces were verified', () => {
  test('is announced at once, and its checksum computed afterwards, no faster than verifyRate', async () => {
    const node = await startFiles(undefined, { settings: { ...SETTINGS, verifyRate: 1_024 } });
    await receivePieces(node, describeFile(contentOf(1, 3 * PIECE_LENGTH), { name: 'e' }));
    await receivePieces(node, file);
    await node.files.index.own.flush();
    expect([checkOf(node), node.said()]).toEqual(['due', ['e@bob held', 'f@bob held']]);
    await node.clock.advance(10_000);
    await node.files.checks.idle();
    expect([checkOf(node), node.said()]).toEqual(['done', []]);
    await node.close();
  });

  test('is verified after a restart where it was not before', async () => {
    const node = await busyNode();
    await receivePieces(node, file);
    await node.close();
    const again = await restart(node);
    await again.files.checks.idle();
    expect([checkOf(again), again.statements]).toEqual(['done', []]);
    await again.close();
  });

  test('and changed by the user before that is the user’s, and nobody is blamed', async () => {
    const node = await busyNode();
    await receivePieces(node, lie);
    await node.write('f', 'mine');
    expect(node.said()).toContain('f@alice held');
    expect([checkOf(node), node.warnings]).toEqual(['done', []]);
    await node.close();
  });
});

describe('a file of a single piece', () => {
  const small = describeFile(contentOf(4, 100));
  const smallLie = describeFile(contentOf(5, 100), { says: sha256('something else') });

  test('is verified before it is placed, since its bytes are at hand', async () => {
    const node = await busyNode();
    await receivePieces(node, small);
    expect(checkOf(node)).toBe('done');
    await node.close();
  });

  test('is not placed where it is not what its manifest promised, and leaves nothing', async () => {
    const node = await startFiles();
    await expect(receivePieces(node, smallLie)).rejects.toMatchObject({ code: 'ERR_CHECKSUM' });
    expect([node.said(), node.disk.peek('f'), await node.disk.list('.peerhold/partial')]).toEqual([[], undefined, []]);
    expect(node.logger.named('file.false_content')).toMatchObject([{ level: 'error', fields: { writer: PEER } }]);
    await node.close();
  });
});

describe('a file that is not what its manifest promised', () => {
  test('is withdrawn, moved out of the folder, and its writer named', async () => {
    const node = await startFiles();
    await receivePieces(node, lie);
    await node.files.checks.idle();
    await node.files.index.own.flush();
    expect(node.said()).toEqual(['f@bob held', 'f@bob released']);
    expect(node.disk.peek('f')).toBeUndefined();
    const [stored] = node.files.versions.list('f');
    expect(stored).toMatchObject({ name: 'f', user: 'bob', checksum: sha256(lie.content) });
    expect(node.warnings).toMatchObject([{ code: 'ERR_CHECKSUM', message: expect.stringContaining(PEER) as string }]);
    expect(node.logger.named('file.false_content')).toMatchObject([
      { level: 'error', fields: { writer: PEER, found: sha256(lie.content) } },
    ]);
    await node.close();
  });

  test('is not taken for a deletion when the node dies in the middle', async () => {
    const node = await busyNode('bob');
    await receivePieces(node, lie);
    await dieAfterFinding(node);
    // What the next start finds where the file was moved away and nothing more was done.
    await node.disk.rename('f', '.peerhold/versions/1', { replace: false });
    const again = await restart(node, { self: { id: SELF, user: 'bob' } });
    expect(again.said()).toEqual(['f@bob released']);
    await again.close();
  });

  test('goes at the next start where the node died before it went', async () => {
    const node = await busyNode();
    await receivePieces(node, lie);
    await dieAfterFinding(node);
    const again = await restart(node);
    expect([again.said(), again.disk.peek('f'), again.files.versions.list('f')]).toMatchObject([
      ['f@bob released'],
      undefined,
      [{ checksum: sha256(lie.content) }],
    ]);
    await again.close();
  });

  test('leaves alone what the user put in its place', async () => {
    const node = await busyNode();
    await receivePieces(node, lie);
    await dieAfterFinding(node);
    node.disk.put('f', 'mine');
    const again = await restart(node);
    expect([text(again.disk.peek('f')), again.said()]).toEqual(['mine', ['f@bob released', 'f@alice held']]);
    await again.close();
  });
});
