import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NodeProcess } from '../src/cli/node-process.ts';
import { systemClock, systemRandom } from '../src/kit/index.ts';
import { formatSharedKey, makeSharedKey } from '../src/node/identity/shared-key.ts';
import { eventually } from './e2e/support/eventually.ts';
import { linkDependencies } from './support/link-dependencies.ts';
import { ROOT, textOf } from './support/source-files.ts';

// The examples as a stranger has them: copied out of this repository, with the packed package installed beside them.
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const manifest = JSON.parse(textOf('package.json')) as {
  readonly bin: { readonly peerhold: string };
};
const execute = promisify(execFile);
const key = formatSharedKey(makeSharedKey(systemRandom()));

let folder: string;
let program: string;
const inExample = (name: string, ...args: string[]) =>
  execute(process.execPath, args, { cwd: join(folder, name), env: { ...process.env, PEERHOLD_KEY: key } });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ph-'));
  const staged = join(folder, 'staged');
  await execute(process.execPath, [TSC, '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', join(staged, 'dist')]);
  for (const name of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'docs']) {
    await cp(join(ROOT, name), join(staged, name), { recursive: true });
  }
  const { stdout } = await execute('npm', ['pack', '--ignore-scripts', '--json'], { cwd: staged });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  const modules = join(folder, 'node_modules');
  const installed = join(modules, 'peerhold');
  await mkdir(installed, { recursive: true });
  await execute('tar', ['-xzf', join(staged, filename), '-C', installed, '--strip-components=1']);
  await linkDependencies(modules);
  program = join(installed, manifest.bin.peerhold);
  for (const name of ['custom-transport', 'embedded']) {
    await cp(join(ROOT, 'examples', name), join(folder, name), { recursive: true });
  }
}, 300_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('an example, outside this repository', () => {
  test.each(['custom-transport', 'embedded'])(
    '%s type-checks against the package',
    async (name) => {
      const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck'];
      const more = [
        '--allowImportingTsExtensions',
        '--exactOptionalPropertyTypes',
        '--lib',
        'es2023,esnext.disposable',
      ];
      const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
      const files = name === 'embedded' ? ['embedded.ts'] : ['unix-socket.test.ts', 'peerhold.config.ts'];
      await expect(inExample(name, TSC, ...flags, ...more, ...types, ...files)).resolves.toMatchObject({ stdout: '' });
    },
    120_000,
  );

  test('embedded runs two nodes in a program of its own', async () => {
    const { stdout, stderr } = await inExample('embedded', '--import', 'jiti/register', 'embedded.ts');
    expect(stdout).toMatch(/^joined the publisher\n(.*\n)*fetched report\.txt, 13 bytes: All is well\.\n$/);
    expect(stderr).toBe('');
  }, 60_000);
});

describe('examples/custom-transport', () => {
  test('is one file of less than 60 lines', () => {
    expect(textOf('examples/custom-transport/unix-socket.ts').trimEnd().split('\n').length).toBeLessThan(60);
  });

  test('conforms', async () => {
    const { stdout } = await inExample('custom-transport', program, 'conform', 'unix-socket.ts', '--json');
    const card = JSON.parse(stdout) as { plugins: { cases: { passed: boolean }[] }[] };
    expect(card).toMatchObject({ passed: true, plugins: [{ kind: 'transport', name: 'unix-socket' }] });
    expect(card.plugins[0]!.cases.length).toBeGreaterThan(40);
  }, 130_000);

  test('passes its own tests', async () => {
    const args = ['--import', 'jiti/register', '--test', 'unix-socket.test.ts'];
    const { stdout } = await inExample('custom-transport', ...args);
    expect(stdout).toMatch(/fail 0\b/);
  }, 120_000);

  test('carries a file between two nodes', async () => {
    const clock = systemClock();
    const start = (name: string) => {
      const config = join(folder, 'custom-transport/peerhold.config.ts');
      const flags = ['--config', config, '--listen', join(folder, `${name}.sock`)];
      return NodeProcess.start({ folder: join(folder, name), flags, key, clock, program });
    };
    const [near, far] = [await start('near'), await start('far')];
    const content = randomBytes(5_000_000);
    await writeFile(join(folder, 'far/picture.bin'), content);
    await near.expect('added', `ADD ${far.address}`);
    await eventually(async () => {
      const { files } = await near.expect('listed', 'LIST');
      expect(files.map(({ name }) => name)).toEqual(['picture.bin']);
    });
    const { checksum } = await near.expect('received', 'GET picture.bin');
    const received = await readFile(join(folder, 'near/picture.bin'));
    expect(checksum).toBe(createHash('sha256').update(content).digest('hex'));
    expect(received.equals(content)).toBe(true);
    for (const node of [near, far]) {
      await node.expect('closed', 'BYE');
      expect(await node.ended).toEqual({ code: 0, signal: null });
    }
  }, 60_000);
});
