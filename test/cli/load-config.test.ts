import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig, selectProfile } from '../../src/cli/load-config.ts';
import { sampleConfig } from './support/sample-config.ts';
import { useTemporaryFolder } from './support/temporary-folder.ts';

const folder = useTemporaryFolder();
const write = async (name: string, text: string) => {
  const path = join(folder.path, name);
  await writeFile(path, text);
  return path;
};
const configError = (message: string) =>
  expect.objectContaining({ code: 'ERR_CONFIG', message: expect.stringContaining(message) as string }) as Error;

describe('loadConfig', () => {
  test('loads TypeScript without a build', async () => {
    const path = await write('my.config.ts', 'const about: string = "mine"; export default { about };');
    expect(await loadConfig(path)).toEqual({ config: { about: 'mine' }, source: path });
  });

  test.each(['my.js', 'my.mjs'])('loads %s', async (name) => {
    await writeFile(join(folder.path, 'package.json'), '{"type":"module"}');
    const path = await write(name, 'export default { about: "mine" };');
    expect((await loadConfig(path)).config).toEqual({ about: 'mine' });
  });

  test.each<[string, string, string]>([
    ['a missing file', 'none.ts', 'no such file'],
    ['a directory', 'directory.ts', 'is no file'],
    ['another kind of file', 'config.json', 'ends in one of .ts, .mts, .js, .mjs'],
    ['a file without a default export', 'named.ts', 'found no default export'],
    ['a file that fails', 'throws.ts', 'this is broken'],
    ['a file that is no TypeScript', 'syntax.ts', 'syntax.ts:1:'],
    ['a file that imports what is not there', 'import.mjs', 'nowhere'],
  ])('refuses %s with its path', async (_what, name, message) => {
    await mkdir(join(folder.path, 'directory.ts'));
    await write('config.json', '{}');
    await write('named.ts', 'export const config = {};');
    await write('throws.ts', 'throw new Error("this is broken");');
    await write('syntax.ts', 'export default {{{');
    await write('import.mjs', "import x from 'nowhere'; export default x;");
    const path = join(folder.path, name);
    await expect(loadConfig(path)).rejects.toEqual(configError(message));
    await expect(loadConfig(path)).rejects.toEqual(configError(path));
  });
});

test.each([
  ['throws.ts', '\nthrow new Error("this is broken");', ':2:7: '],
  ['throws.js', '\nthrow new Error("this is broken");', ':2:7: '],
  ['syntax.ts', 'const about = 1;\nexport default {{{', ':2:'],
  ['syntax.js', 'const about = 1;\nexport default {{{', ':2:'],
])('loadConfig names the line of the mistake in %s', async (name, text, position) => {
  const path = await write(name, text);
  await expect(loadConfig(path)).rejects.toEqual(configError(path + position));
});

describe('selectProfile', () => {
  test('resolves the profile asked for, else the default one', () => {
    const loaded = { config: sampleConfig(), source: 'sample' };
    expect(selectProfile(loaded, undefined).name).toBe('default');
    expect(selectProfile(loaded, 'other').name).toBe('other');
  });

  test('names the config in which a mistake is', () => {
    const loaded = { config: sampleConfig(), source: '/home/ann/my.config.ts' };
    expect(() => selectProfile(loaded, 'othr')).toThrow(configError('/home/ann/my.config.ts: '));
    expect(() => selectProfile(loaded, 'othr')).toThrow(configError('did you mean other?'));
  });
});
