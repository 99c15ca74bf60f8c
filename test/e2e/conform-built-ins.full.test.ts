import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import config from '../../plugins.config.ts';
import type { PluginCard } from '../../src/cli/conform-inspection.ts';
import { runProgram } from './support/run-program.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'peerhold-conform-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const built = (path: string) => pathToFileURL(fileURLToPath(new URL(`../../dist/src/${path}`, import.meta.url))).href;

/** What a file with one of the built-in plugins says of how to try it, where it has to say anything. */
const conformance: Readonly<Record<string, string>> = {
  // Transports reach each other over one network, which somebody has to give them.
  memory: `
    import { MemoryNetwork } from '${built('plugins/transport/memory/index.js')}';
    export const conformance = { options: { network: new MemoryNetwork() } };`,
  // Writes in its own time: all is there when nothing more comes.
  'json-lines': `
    import { readFile } from 'node:fs/promises';
    import { setTimeout } from 'node:timers/promises';
    import { join } from 'node:path';
    const read = (file) => readFile(file, 'utf8').catch(() => '');
    export const conformance = {
      options: { file: 'events.jsonl', maxBytes: 4_000_000 },
      written: async ({ file }, directory) => {
        let [before, text] = [undefined, ''];
        while (text !== before) {
          before = text;
          await setTimeout(100);
          text = await read(join(directory, file));
        }
        return text;
      },
    };`,
  // With nobody to pass events on to, every requirement would hold.
  tee: `
    const logger = (wanted) => config.plugins.find(({ definition: { name } }) => name === wanted)();
    export const conformance = { options: { loggers: [logger('console'), logger('silent')] } };`,
};

describe('peerhold conform', () => {
  const plugins = config.plugins.map(({ definition: { kind, name } }) => ({ kind, name }));

  test.each(plugins)(
    'has a passing card for the $kind $name that is built in',
    async ({ kind, name }) => {
      const file = join(folder, `${name}.ts`);
      await writeFile(
        file,
        `import config from 'peerhold/config';
         ${conformance[name] ?? ''}
         export const plugin = config.plugins.find(({ definition }) => definition.name === '${name}');`,
      );
      const { code, stdout, stderr } = await runProgram(['conform', file, '--json']);
      const cards = (JSON.parse(stdout) as { plugins: PluginCard[] }).plugins;
      expect(cards.flatMap(({ cases }) => cases.filter(({ passed }) => !passed))).toEqual([]);
      expect(cards).toMatchObject([{ kind, name, passed: true }]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    },
    130_000,
  );
});
