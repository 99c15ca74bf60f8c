import { fileURLToPath } from 'node:url';

/** Whether this is the built program (`dist/`) or, in tests, its source. */
const built = import.meta.url.endsWith('.js');
const extension = built ? 'js' : 'ts';
/** What holds `src/` and the shipped config: `dist/` of the package, or the checkout. */
const tree = new URL('../../', import.meta.url);

/** The package's own description. */
export const PACKAGE_FILE = fileURLToPath(new URL(built ? '../package.json' : 'package.json', tree));

/** The program itself, for starting it again. */
export const MAIN_FILE = fileURLToPath(new URL(`src/cli/main.${extension}`, tree));

/** What `peerhold conform` runs in a process of its own. */
export const CONFORM_FILE = fileURLToPath(new URL(`src/cli/conform-child.${extension}`, tree));

/** What a config may import of this package, and the files that stand behind it: the same as `exports` in package.json. */
export const PUBLIC_MODULES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    'peerhold/kit': 'src/kit/index',
    'peerhold/compliance': 'src/compliance/index',
    'peerhold/config': 'plugins.config',
    peerhold: 'src/index',
  }).map(([name, path]) => [name, fileURLToPath(new URL(`${path}.${extension}`, tree))]),
);
