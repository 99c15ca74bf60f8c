import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeRaisedConfig } from '../../../src/bench/footprint/raised-config.ts';
import { loadConfig } from '../../../src/cli/load-config.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'peerhold-raised-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test("differs from a user's own config in nothing but the limit on direct connections, in every profile", async () => {
  const configFile = join(directory, 'own.ts');
  const own = {
    plugins: [],
    profiles: {
      plain: { about: 'no settings' },
      mine: { extends: 'plain', settings: { directConnections: 3, uploads: 7 } },
    },
    defaultProfile: 'mine',
  };
  await writeFile(configFile, `export default ${JSON.stringify(own)};`);
  const { config } = await loadConfig(await writeRaisedConfig(directory, { configFile, connections: 80 }));
  expect(config).toEqual({
    ...own,
    profiles: {
      plain: { ...own.profiles.plain, settings: { directConnections: 80 } },
      mine: { ...own.profiles.mine, settings: { directConnections: 80, uploads: 7 } },
    },
  });
});
