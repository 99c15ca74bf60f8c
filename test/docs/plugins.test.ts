import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadPlugins } from '../../src/cli/conform-plugins.ts';
import { PLUGIN_KINDS } from '../../src/kernel/index.ts';
import { useTemporaryFolder } from '../cli/support/temporary-folder.ts';
import { textOf } from '../support/source-files.ts';
import { pluginsOfPage } from './plugins-page.ts';

const written = pluginsOfPage();
const folder = useTemporaryFolder();

async function load(name: string) {
  const path = join(folder.path, name);
  await writeFile(path, written.get(name) ?? '');
  return loadPlugins(path);
}

describe('docs/plugins.md', () => {
  test('has a plugin of each kind', async () => {
    const kinds: string[] = [];
    for (const name of written.keys()) kinds.push(...(await load(name)).map(({ definition }) => definition.kind));
    expect(kinds.sort()).toEqual([...PLUGIN_KINDS].sort());
  });

  test('shows the transport of the examples as it is', () => {
    expect(written.get('unix-socket.ts')).toBe(textOf('examples/custom-transport/unix-socket.ts').trimEnd());
  });
});
