import { isThere, textOf } from '../support/source-files.ts';
import { testNamesIn } from './test-names.ts';

const page = textOf('docs/documented-system.md');

/** Paths in backticks that begin so, each once. */
const pathsOf = (folder: string): string[] => [
  ...new Set(page.match(new RegExp(`(?<=\`)${folder}/[\\w./-]+(?=\`)`, 'g')) ?? []),
];
const defects = page.match(/^\| \d+ \|.*$/gm) ?? [];

describe('docs/documented-system.md', () => {
  test.each(pathsOf('src'))('%s is there', (path) => {
    expect(isThere(path)).toBe(true);
  });

  test('lists the 33 defects in order', () => {
    expect(defects.map((row) => Number(row.split(' ')[1]))).toEqual(
      Array.from({ length: 33 }, (_, index) => index + 1),
    );
  });

  test.each(defects.map((row, index) => [index + 1, row] as const))('shows defect %i by tests there are', (_, row) => {
    const cell = row.split(' | ').at(-1)?.replace(/ \|$/, '') ?? '';
    const named = [...cell.matchAll(/`((?:test|src\/compliance)\/[\w./-]+\.ts)` “([^”]+)”/g)];
    expect(named.map(([text]) => text).join('; ')).toBe(cell);
    for (const [, file = '', name] of named) expect(testNamesIn(file)).toContain(name);
  });

  test.each(['CONN', 'TIMN', 'JOIN', 'FILE', 'HB', 'BYEF', 'LEFT', 'SMFX', 'SDFX'])('sets %s beside ours', (type) => {
    expect(page).toMatch(new RegExp(`^\\| \`${type}\`[ |]`, 'm'));
  });

  test.each(['ADD', 'LIST', 'GET', 'SEND', 'BYE', 'CMDS'])('sets the command %s beside ours', (command) => {
    expect(page).toMatch(new RegExp(`^\\| \`${command}[ \`]`, 'm'));
  });
});
