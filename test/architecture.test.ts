import { homedir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { PLUGIN_KINDS, isPlugin, type Plugin } from '../src/kernel/index.ts';
import { ROOT, filesBelow, importsIn, isThere, parse, textOf, visitAll } from './support/source-files.ts';

/** Which folders of `src` each may import beside itself; eslint.config.js says the same while one types. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  kit: ['kernel'],
  plugins: ['kernel', 'kit'],
  node: ['kernel', 'kit'],
  compliance: ['kernel'],
  bench: ['kernel', 'kit', 'node'],
  sim: ['kernel', 'kit', 'node'],
  cli: ['kernel', 'kit', 'node', 'compliance', 'bench', 'sim'],
};

const sources = filesBelow('src').filter((file) => file.endsWith('.ts'));
const imports = sources.flatMap((file) => importsIn(file, textOf(file)));
const layerOf = (path: string) => /^src\/([^/]+)\//.exec(path)?.[1];
const pluginOf = (path: string) => /^src\/plugins\/[^/]+\/[^/]+\//.exec(path)?.[0];
const show = ({ file, specifier }: { file: string; specifier: string | undefined }) =>
  `${file} imports ${specifier ?? '?'}`;

describe('imports', () => {
  test('are found in every form there is', () => {
    const text = `
      import '../a/one.ts';
      import type { Two } from '../a/two.ts';
      export { three } from '../a/three.ts';
      export * from '../a/four.ts';
      type Five = import('../a/five.ts').Five;
      const six = await import('../a/six.ts');
      const seven = require('../a/seven.ts');
      const eight = await import(\`../a/eight.ts\`);
      const nine = await import(where);`;
    const found = importsIn('src/b/x.ts', text).map(({ target }) => target);
    const names = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
    expect(found).toEqual([...names.map((name) => `src/a/${name}.ts`), undefined]);
  });

  test('keep to the layers', () => {
    const wrong = imports.filter(({ file, target }) => {
      const [from, to] = [layerOf(file), target === undefined ? undefined : layerOf(target)];
      return from !== undefined && to !== undefined && from !== to && LAYERS[from]?.includes(to) !== true;
    });
    expect(wrong.map(show)).toEqual([]);
  });

  test('know every layer', () => {
    expect([...new Set(sources.map(layerOf).filter((layer) => layer !== undefined))].sort()).toEqual(
      Object.keys(LAYERS).sort(),
    );
  });

  test('lead out of src only where the program takes the shipped config', () => {
    const wrong = imports.filter(({ file, target }) => {
      const isShippedConfig = file === 'src/cli/main.ts' && target === 'plugins.config.ts';
      return target !== undefined && !target.startsWith('src/') && !isShippedConfig;
    });
    expect(wrong.map(show)).toEqual([]);
  });

  test('of one plugin never lead to another', () => {
    const wrong = imports.filter(({ file, target }) => {
      const [from, to] = [pluginOf(file), target === undefined ? undefined : pluginOf(target)];
      return from !== undefined && to !== undefined && from !== to;
    });
    expect(wrong.map(show)).toEqual([]);
  });

  test('name files that are there, with their ending', () => {
    const wrong = imports.filter(({ target }) => target !== undefined && !(target.endsWith('.ts') && isThere(target)));
    expect(wrong.map(show)).toEqual([]);
  });

  test('are computed only where a config is loaded', () => {
    const computed = imports.filter(({ specifier }) => specifier === undefined).map(({ file }) => file);
    expect(computed.filter((file) => file !== 'src/cli/load-config.ts')).toEqual([]);
  });

  test('of tsyringe stand in the kernel and in what makes a node alone', () => {
    const users = imports.filter(({ specifier }) => specifier === 'tsyringe').map(({ file }) => file);
    expect(users.filter((file) => !['src/kernel/container.ts', 'src/node/create-node.ts'].includes(file))).toEqual([]);
  });

  test('of the compliance suites need no test runner', () => {
    const packages = imports
      .filter(({ file, target }) => layerOf(file) === 'compliance' && target === undefined)
      .map(({ specifier }) => specifier);
    expect(packages.filter((name) => name !== 'node:events')).toEqual([]);
  });
});

describe('plugins', () => {
  const entries = sources.filter((file) => /^src\/plugins\/[^/]+\/[^/]+\/index\.ts$/.test(file));
  const load = async (file: string) => Object.entries((await import(join(ROOT, file))) as Record<string, unknown>);
  const kebab = (kind: string) => kind.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

  test.each(entries)('%s exports one plugin, named and sorted as its folder is', async (file) => {
    const plugins = (await load(file)).map(([, value]) => value).filter((value): value is Plugin => isPlugin(value));
    const [, kindFolder, name] = /^src\/plugins\/([^/]+)\/([^/]+)\//.exec(file) ?? [];
    expect(plugins.map(({ definition }) => [kebab(definition.kind), definition.name])).toEqual([[kindFolder, name]]);
  });

  test('lie in a folder for each kind, and each folder has its index', () => {
    const folders = new Set(sources.map(pluginOf).filter((folder) => folder !== undefined));
    expect([...folders].map((folder) => `${folder}index.ts`).sort()).toEqual(entries);
    const kinds = new Set(entries.map((file) => file.split('/')[2]));
    expect([...kinds].sort()).toEqual(PLUGIN_KINDS.map(kebab).sort());
  });

  test('are named nowhere in kernel, kit, node, bench, sim and cli', async () => {
    const names = new Set<string>();
    const exported = new Set<string>();
    for (const file of entries) {
      for (const [key, value] of await load(file)) {
        if (!isPlugin(value)) continue;
        names.add(value.definition.name);
        exported.add(key);
      }
    }
    const isName = (node: ts.Node) => ts.isStringLiteralLike(node) && names.has(node.text);
    // `memory` and `none` are words too: such a name counts where something called `name` is compared with it.
    const isWord = (text: string) => /^[a-z]+$/.test(text);
    const named: string[] = [];
    for (const file of sources.filter((each) =>
      ['kernel', 'kit', 'node', 'bench', 'sim', 'cli'].includes(layerOf(each) ?? ''),
    )) {
      visitAll(parse(file, textOf(file)), (node) => {
        const isString = isName(node) && ts.isStringLiteralLike(node) && !isWord(node.text);
        const isIdentifier = ts.isIdentifier(node) && exported.has(node.text) && !isWord(node.text);
        const isComparison =
          ts.isBinaryExpression(node) &&
          [node.left, node.right].some(isName) &&
          [node.left, node.right].some((side) => /(^|\.)name$/.test(side.getText()));
        if (isString || isIdentifier || isComparison) named.push(`${file}: ${node.getText()}`);
      });
    }
    expect(named).toEqual([]);
  });
});

describe('kinds of plugin', () => {
  test('are listed in one file; the suites by kind, which the compiler asks for, in another', () => {
    const listing = sources.filter((file) => PLUGIN_KINDS.every((kind) => namesKey(file, kind)));
    expect(listing).toEqual(['src/cli/conform-suites.ts', 'src/kernel/plugin.ts']);
  });

  /** Whether the file declares something under this name: a property, a member of a type. */
  function namesKey(file: string, kind: string): boolean {
    let found = false;
    visitAll(parse(file, textOf(file)), (node) => {
      const isDeclared =
        ts.isPropertyAssignment(node) || ts.isPropertySignature(node) || ts.isPropertyDeclaration(node);
      if (isDeclared && node.name.getText() === kind) found = true;
    });
    return found;
  }
});

describe('files', () => {
  const ours = filesBelow('.').filter((file) => !file.startsWith('package-lock'));

  test('hold no path of the machine they were written on', () => {
    const paths = [ROOT, homedir()].filter((path) => path.length > 1).map((path) => `${path}/`);
    const found = ours.filter((file) => paths.some((path) => textOf(file).includes(path)));
    expect(found).toEqual([]);
  });
});
