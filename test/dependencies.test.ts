import { builtinModules } from 'node:module';
import { filesBelow, importsIn, textOf } from './support/source-files.ts';

const { dependencies, name } = JSON.parse(textOf('package.json')) as {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
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
  test('are what its sources import, no more and no less', () => {
    expect([...imported].sort()).toEqual(Object.keys(dependencies).sort());
  });

  test('are locked without the address of a registry', () => {
    expect(
      Object.values(lock.packages).filter(({ resolved, link }) => resolved !== undefined && link !== true),
    ).toEqual([]);
  });
});
