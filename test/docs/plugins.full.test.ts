import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadPlugins } from '../../src/cli/conform-plugins.ts';
import { PLUGIN_KINDS } from '../../src/kernel/index.ts';
import { useTemporaryFolder } from '../cli/support/temporary-folder.ts';
import { textOf } from '../support/source-files.ts';
import { pluginsOfPage } from './plugins-page.ts';

const written = pluginsOfPage();
const folder = useTemporaryFolder();

/** What all the files of the page export: in one go, since each loading reads the whole package anew. */
async function loadAll() {
  for (const [name, text] of written) await writeFile(join(folder.path, name), text);
  const all = join(folder.path, 'all.ts');
  const lines = [...written].flatMap(([name, text]) =>
    [...text.matchAll(/^export const (\w+) = definePlugin/gm)].map(
      ([, plugin]) => `export { ${plugin} } from './${name}';`,
    ),
  );
  await writeFile(all, lines.join('\n'));
  return loadPlugins(all);
}

describe('docs/plugins.md', () => {
  test('has a plugin of each kind', async () => {
    const kinds = (await loadAll()).map(({ definition }) => definition.kind);
    expect(kinds.sort()).toEqual([...PLUGIN_KINDS].sort());
    // A compiler goes over the whole source where it has not been there before.
  }, 60_000);

  test('shows the transport of the examples as it is', () => {
    expect(written.get('unix-socket.ts')).toBe(textOf('examples/custom-transport/unix-socket.ts').trimEnd());
  });
});
