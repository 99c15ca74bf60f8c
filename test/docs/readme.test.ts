import shipped from '../../plugins.config.ts';
import { parseArguments } from '../../src/cli/arguments.ts';
import { COMMANDS, parseCommand } from '../../src/cli/command.ts';
import { executeCommand } from '../../src/cli/execute-command.ts';
import { ERROR_CODES, type Profile } from '../../src/kernel/index.ts';
import { IDENTITY_FILE, INDEX_DIRECTORY, PARTIAL_DIRECTORY, VERSIONS_DIRECTORY } from '../../src/node/layout.ts';
import { FakeNode } from '../cli/support/fake-node.ts';
import { textOf } from '../support/source-files.ts';
import { pageTable } from './protocol-page.ts';

const page = textOf('README.md');
/** Rows of the table behind a heading or a sentence that begins so. */
const tableAfter = (text: string, header: string) => pageTable(page.slice(page.indexOf(text)), header);
const ARGUMENTS: Readonly<Record<string, string>> = {
  ADD: '127.0.0.1:1',
  GET: 'notes.txt',
  SEND: 'notes.txt',
  PIECES: 'notes.txt',
  RESTORE: '7',
};

/** The text of `--help` of a command. */
async function helpOf(...words: string[]): Promise<string> {
  const invocation = await parseArguments([...words, '--help'], '0.0.0');
  return invocation.command === 'text' ? invocation.text : '';
}

describe('README.md', () => {
  test('lists every command as CMDS does', () => {
    const listed = tableAfter('## Commands', 'command').map(([usage]) => usage);
    expect(listed).toEqual(COMMANDS.map(({ usage }) => usage));
  });

  test('lists every flag of start', async () => {
    const listed = tableAfter('| flag of', 'flag of `start`').flatMap(([cell = '']) => cell.match(/--[a-z-]+/g) ?? []);
    const known = [...new Set((await helpOf('start')).match(/(?<=^ +)--[a-z-]+/gm))];
    expect([...listed, '--version', '--help'].sort()).toEqual(known.sort());
  });

  test('lists every command of the program', async () => {
    const section = page.slice(page.indexOf('## Ways to run it'), page.indexOf('| flag of'));
    const known = [...(await helpOf()).matchAll(/^ {2}peerhold ([a-z]+)/gm)].map(([, name = '']) => name);
    expect(known.length).toBeGreaterThan(6);
    for (const name of known) expect(section).toMatch(new RegExp(`\`(peerhold )?${name}[ \`]`));
  });

  test('lists the profiles of the shipped config', () => {
    const listed = tableAfter('## Profiles', 'profile').map(([name]) => name);
    expect(listed).toEqual(Object.keys(shipped.profiles satisfies Record<string, Profile>));
  });

  test.each(tableAfter('## JSON lines', 'command').filter(([command = '']) => /^[A-Z]+$/.test(command)))(
    'shows the final event of %s: %s',
    async (command = '', event = '', fields = '') => {
      const parsed = parseCommand(`${command} ${ARGUMENTS[command] ?? ''}`);
      const result = parsed.type === 'BYE' ? { event: 'closed' } : await executeCommand(parsed, new FakeNode());
      expect(result.event).toBe(event);
      expect(fields.match(/\w+/g) ?? []).toEqual(expect.arrayContaining(keysWithin(result)));
    },
  );

  test('lists what lies in the private directory', () => {
    const rows = [...page.slice(page.indexOf('## On disk')).matchAll(/^\| `([^`]+?)\/?` \|/gm)].map(
      ([, name = '']) => name,
    );
    for (const path of [IDENTITY_FILE, INDEX_DIRECTORY, PARTIAL_DIRECTORY, VERSIONS_DIRECTORY])
      expect(rows.map((name) => `.peerhold/${name}`)).toContain(path);
  });

  test('names no error code that there is not', () => {
    for (const code of page.match(/ERR_[A-Z_]+/g) ?? []) expect(Object.keys(ERROR_CODES)).toContain(code);
  });
});

/** The names of an event's fields, and of the fields of what it lists. */
function keysWithin(event: object): string[] {
  return Object.entries(event).flatMap(([name, value]: [string, unknown]) => {
    if (name === 'event') return [];
    const [first] = Array.isArray(value) ? (value as unknown[]) : [];
    return typeof first === 'object' && first !== null ? [name, ...keysWithin(first)] : [name];
  });
}
