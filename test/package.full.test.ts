import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { linkDependencies } from './support/link-dependencies.ts';
import { ROOT, filesBelow, textOf } from './support/source-files.ts';

// The package as it would be published, built in a folder of its own, and installed in another: what a registry would do, without one.
const manifest = JSON.parse(textOf('package.json')) as {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
};
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const run = promisify(execFile);
const node = (...args: string[]) => run(process.execPath, args, { cwd: user });

let folder: string;
let user: string;
let packed: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'peerhold-package-'));
  user = join(folder, 'user');
  const staged = join(folder, 'staged');
  await run(process.execPath, [TSC, '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', join(staged, 'dist')]);
  // Sources and tests too, to see that they are left out.
  for (const name of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'docs', 'src', 'test']) {
    await cp(join(ROOT, name), join(staged, name), { recursive: true });
  }
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json'], { cwd: staged });
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  packed = files.map(({ path }) => path).sort();
  const installed = join(user, 'node_modules/peerhold');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', join(staged, filename), '-C', installed, '--strip-components=1']);
  // Beside it only what it declares: an import of anything else fails.
  await linkDependencies(join(user, 'node_modules'));
  await writeFile(join(user, 'package.json'), '{ "type": "module" }');
}, 300_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the package', () => {
  test('holds what was built of each source, its types, the pages, and nothing else', () => {
    const sources = [...filesBelow('src').filter((file) => file.endsWith('.ts')), 'plugins.config.ts'];
    const built = sources.flatMap((file) => ['js', 'd.ts'].map((type) => `dist/${file.replace(/ts$/, type)}`));
    const pages = filesBelow('docs');
    expect(packed).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json', ...built, ...pages].sort());
  });

  test('is imported from JavaScript by each of its names', async () => {
    const names = Object.keys(manifest.exports).map((path) => path.replace('.', 'peerhold'));
    expect(names).toEqual(['peerhold', 'peerhold/kit', 'peerhold/compliance', 'peerhold/config']);
    await writeFile(
      join(user, 'all.mjs'),
      `import { createNode, defineConfig, definePlugin, resolveProfile } from 'peerhold';
       import { memoryIndex, VirtualClock } from 'peerhold/kit';
       import { transportCompliance } from 'peerhold/compliance';
       import shipped from 'peerhold/config';
       const { name } = resolveProfile(defineConfig(shipped));
       const functions = [createNode, definePlugin, memoryIndex, VirtualClock, transportCompliance];
       console.log(name, functions.every((each) => typeof each === 'function'));`,
    );
    expect((await node('all.mjs')).stdout).toBe('default true\n');
  });

  test('has types for each of its names', async () => {
    await writeFile(
      join(user, 'all.ts'),
      `import { createNode, definePlugin, type StorageNode, type Transport } from 'peerhold';
       import { seededRandom, VirtualClock } from 'peerhold/kit';
       import { transportCompliance, type ComplianceCase } from 'peerhold/compliance';
       import shipped from 'peerhold/config';
       export const profiles: string[] = Object.keys(shipped.profiles);
       export const clock = new VirtualClock();
       export const fraction: number = seededRandom(1).fraction();
       export const cases = (create: () => Promise<Transport>): readonly ComplianceCase[] =>
         transportCompliance({ clock, create, address: () => 'a', nobody: () => 'b' });
       export const idOf = (node: StorageNode): string => node.id;
       // @ts-expect-error: a number is no profile
       export const wrong = createNode({ profile: 1 });
       export { definePlugin };`,
    );
    const flags = ['--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023,esnext.disposable', '--strict'];
    const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
    await expect(node(TSC, '--noEmit', ...flags, ...types, 'all.ts')).resolves.toMatchObject({ stdout: '' });
  });

  test('runs the config that the README shows, with its program', async () => {
    const [, config = ''] =
      /```ts\n(import \{ defineConfig[^]*?)```/.exec(await readFile(join(ROOT, 'README.md'), 'utf8')) ?? [];
    await writeFile(join(user, 'my.config.ts'), config);
    const program = join(user, 'node_modules/peerhold', manifest.bin['peerhold'] ?? '');
    expect((await node(program, '--version')).stdout).toBe(`${manifest.version}\n`);
    expect((await node(program, 'profiles', '--config', 'my.config.ts')).stdout).toContain('patient');
    const shown = await node(program, 'config', '--config', 'my.config.ts', '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({ settings: { heartbeatMs: 5_000, deadMs: 30_000 } });
  });
});
