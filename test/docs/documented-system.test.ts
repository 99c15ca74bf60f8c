import { existsSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/documented-system.md', root), 'utf8');

/** Paths in backticks that begin so, each once. */
const pathsOf = (folder: string): string[] => [
  ...new Set(page.match(new RegExp(`(?<=\`)${folder}/[\\w./-]+(?=\`)`, 'g')) ?? []),
];
const defects = page.match(/^\| \d+ \|.*$/gm) ?? [];

describe('docs/documented-system.md', () => {
  test.each(pathsOf('src'))('%s is there', (path) => {
    expect(existsSync(new URL(path, root))).toBe(true);
  });

  test('lists the 33 defects in order, each with a test', () => {
    expect(defects.map((row) => Number(row.split(' ')[1]))).toEqual(
      Array.from({ length: 33 }, (_, index) => index + 1),
    );
    for (const row of defects)
      expect(row).toMatch(/ \| `test\/[\w./-]+\.test\.ts`( and `test\/[\w./-]+\.test\.ts`)* \|$/);
  });

  test.each(['CONN', 'TIMN', 'JOIN', 'FILE', 'HB', 'BYEF', 'LEFT', 'SMFX', 'SDFX'])('sets %s beside ours', (type) => {
    expect(page).toMatch(new RegExp(`^\\| \`${type}\`[ |]`, 'm'));
  });

  test.each(['ADD', 'LIST', 'GET', 'SEND', 'BYE', 'CMDS'])('sets the command %s beside ours', (command) => {
    expect(page).toMatch(new RegExp(`^\\| \`${command}[ \`]`, 'm'));
  });
});
