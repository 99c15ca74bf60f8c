import type { OutputEvent } from '../../src/cli/events.ts';
import { presentJson } from '../../src/cli/present-json.ts';
import { presentText } from '../../src/cli/present-text.ts';
import { COMMANDS, parseCommand } from '../../src/cli/command.ts';
import { CHECKSUM, FakeNode, ID, OTHER_ID } from './support/fake-node.ts';

describe('presentJson', () => {
  test('is one line with the event, the command and the fields', () => {
    expect(presentJson({ event: 'added', command: 3, id: ID, address: '127.0.0.1:1' })).toBe(
      `{"event":"added","command":3,"id":"${ID}","address":"127.0.0.1:1"}\n`,
    );
  });

  test('leaves the command out where there was none', () => {
    expect(presentJson({ event: 'ready', address: 'a', id: ID, profile: 'default' })).toBe(
      `{"event":"ready","address":"a","id":"${ID}","profile":"default"}\n`,
    );
  });

  test('stays one line whatever a name holds', () => {
    const line = presentJson({ event: 'error', command: 1, code: 'ERR_NAME', message: 'a\nb\u2028' });
    expect(line.trimEnd()).not.toMatch(/\n/);
    expect(JSON.parse(line)).toMatchObject({ message: 'a\nb\u2028' });
  });
});

describe('presentText', () => {
  const node = new FakeNode();
  const received = { event: 'received', name: 'x', size: 2048, checksum: CHECKSUM, command: 1 } as const;

  test.each<[string, OutputEvent, string]>([
    ['an empty list', { event: 'listed', files: [], command: 1 }, 'no files'],
    ['no peers', { event: 'peers', peers: [], command: 1 }, 'no other node is known'],
    ['no versions', { event: 'versions', versions: [], command: 1 }, 'no replaced versions'],
    ['a list', { event: 'listed', files: node.files, command: 1 }, 'notes.txt'],
    ['peers', { event: 'peers', peers: node.peers(), command: 1 }, '127.0.0.1:4002'],
    ['a status', { event: 'status', ...node.status(), command: 1 }, '1 min 1 s'],
    ['files that are new', { event: 'status', ...node.status(), hashing: 3, command: 1 }, '1, and 3 being hashed'],
    ['commands', { event: 'commands', commands: COMMANDS, command: 1 }, 'RESTORE <version>'],
    [
      'a received file',
      { ...received, seconds: 2, sources: { [OTHER_ID]: 2048 } },
      'from bbbbbbbb in 2.00 s, 1.0 KiB/s',
    ],
    ['a file that was there', { ...received, seconds: 0, sources: {} }, 'already here: x'],
    [
      'the pieces of a file',
      {
        event: 'pieces',
        ...{ name: 'x', size: 700_000, checksum: CHECKSUM, pieces: 3, pieceLength: 262_144, ours: 1, command: 1 },
        holders: [
          { id: ID, whole: true, pieces: 3 },
          { id: OTHER_ID, whole: false, pieces: 2 },
          { id: CHECKSUM, whole: false, pieces: null },
        ],
      },
      '3 pieces of 256.0 KiB, 1 of them here\n  aaaaaaaa all\n  bbbbbbbb 2 of 3\n  cdcdcdcd some',
    ],
    [
      'what is not safe',
      {
        event: 'safe',
        files: [
          { name: 'x', checksum: CHECKSUM, copies: 1, wanted: 2, missing: 1, holders: [ID], zones: ['a'], safe: false },
        ],
        safe: false,
        command: 1,
      },
      '1 missing',
    ],
    ['several files', { event: 'got', files: 1, failed: 0, failures: [], command: 1 }, 'got 1 file'],
    [
      'several files, one of which failed, on a line of its own',
      {
        event: 'got',
        files: 2,
        failed: 1,
        failures: [{ name: 'a\u001b', code: 'ERR_NO_SOURCE', message: 'b\u001b' }],
        command: 1,
      },
      '"a\\u001b": ERR_NO_SOURCE: b\\u{1b}\ngot 2 files, 1 failed',
    ],
    ['nobody to send to', { event: 'sent', name: 'x', checksum: CHECKSUM, to: [], command: 1 }, 'to nobody'],
    [
      'what each node said to SEND',
      {
        event: 'sent',
        name: 'x',
        checksum: CHECKSUM,
        to: [
          { id: ID, result: 'present' },
          { id: OTHER_ID, result: 'ERR_DISK_FULL' },
        ],
        command: 1,
      },
      'aaaaaaaa had it already\n  bbbbbbbb failed: ERR_DISK_FULL',
    ],
    ['an error', { event: 'error', code: 'ERR_ADDRESS', message: 'no address', command: 1 }, 'ERR_ADDRESS: no address'],
    ['a warning', { event: 'warning', code: 'ERR_FULL', message: 'full' }, 'warning: ERR_FULL: full'],
    ['a newcomer', { event: 'peer-joined', id: OTHER_ID, address: 'x:1' }, 'bbbbbbbb joined, at x:1'],
  ])('says %s', (_what, event, expected) => {
    expect(presentText(event)).toContain(expected);
  });

  test('marks versions of a name that stand beside each other', () => {
    const [file] = node.files;
    const other = { ...file!, user: 'bob', current: false, conflict: true };
    const text = presentText({ event: 'listed', files: [{ ...file!, conflict: true }, other] });
    expect(text).toMatch(/ann .*notes\.txt \(conflict, current\)\n.*bob .*notes\.txt \(conflict\)/);
  });

  test('escapes what a peer may have chosen', () => {
    const [file] = node.files;
    const text = presentText({ event: 'listed', files: [{ ...file!, name: '\u001b[2J\nfake  line' }] });
    expect(text.split('\n')).toHaveLength(2);
    expect(text).toContain('"\\u001b[2J\\nfake  line"');
  });

  test.each([' lead', 'trail ', '"quoted"', 'two\nlines', 'c1 \u009b here', 'plain name'])(
    'shows the name %j as GET takes it',
    (name) => {
      const [file] = node.files;
      const text = presentText({ event: 'listed', files: [{ ...file!, name }] });
      const [head = '', row = ''] = text.split('\n');
      const shown = row.slice(head.indexOf('name'));
      expect(parseCommand(`GET ${shown}`)).toEqual({ type: 'GET', file: name });
    },
  );
});
