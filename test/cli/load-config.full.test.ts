import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../../src/cli/load-config.ts';
import { useTemporaryFolder } from './support/temporary-folder.ts';

const folder = useTemporaryFolder();

// Each reads all of the package anew, which takes seconds.
test.each(['my.config.ts', 'my.config.js', 'my.config.mjs'])(
  'loadConfig lets %s import this package, wherever it lies',
  async (name) => {
    const path = join(folder.path, name);
    await writeFile(
      path,
      `import { definePlugin, isPlugin } from 'peerhold';
     import { splitAddress } from 'peerhold/kit';
     export default { found: [typeof definePlugin, typeof isPlugin, typeof splitAddress] };`,
    );
    expect((await loadConfig(path)).config).toEqual({ found: ['function', 'function', 'function'] });
  },
);
