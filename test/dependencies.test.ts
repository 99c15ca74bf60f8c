import { builtinModules } from 'node:module';
import { filesBelow, importsIn, textOf } from './support/source-files.ts';

type Versions = Readonly<Record<string, string>>;

const { dependencies, devDependencies, peerDependencies, peerDependenciesMeta, name } = JSON.parse(
  textOf('package.json'),
) as {
  readonly name: string;
  readonly dependencies: Versions;
  readonly devDependencies: Versions;
  readonly peerDependencies: Versions;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
};
const lock = JSON.parse(textOf('package-lock.json')) as {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly link?: boolean }>>;
};

/** The packages that what is published imports, types among them. */
const imported = new Set(
  filesBelow('src')
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => importsIn(file, textOf(file)))
    .flatMap(({ specifier }) => (specifier === undefined || specifier.startsWith('.') ? [] : [specifier]))
    .map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier)
    .filter((specifier) => !specifier.startsWith('node:') && !builtinModules.includes(specifier) && specifier !== name),
);

describe('the dependencies of the package', () => {
  test('are, with the optional ones, what its sources import, no more and no less', () => {
    expect([...imported].sort()).toEqual(Object.keys({ ...dependencies, ...peerDependencies }).sort());
  });

  test('are optional where only the benches use them, and there for tests', () => {
    for (const [peer, version] of Object.entries(peerDependencies)) {
      expect(peerDependenciesMeta[peer]).toEqual({ optional: true });
      expect(devDependencies[peer]).toBe(version);
    }
  });

  test('that are optional are imported when they are asked for, never before', () => {
    const early = filesBelow('src')
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        [...textOf(file).matchAll(/^import (?!type )[^;]* from '([^']+)'/gm)].map(([, from = '']) => ({ file, from })),
      )
      .filter(({ from }) => Object.hasOwn(peerDependencies, from));
    expect(early).toEqual([]);
  });

  test('are locked without the address of a registry', () => {
    expect(
      Object.values(lock.packages).filter(({ resolved, link }) => resolved !== undefined && link !== true),
    ).toEqual([]);
  });
});
