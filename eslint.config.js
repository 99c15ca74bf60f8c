import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** Which folders each folder of `src` may import; `test/architecture.test.ts` says the same for dynamic imports. */
const layers = {
  kernel: [],
  kit: ['kernel'],
  plugins: ['kernel', 'kit'],
  node: ['kernel', 'kit'],
  compliance: ['kernel'],
  bench: ['kernel', 'kit', 'node'],
  sim: ['kernel', 'kit', 'node'],
  cli: ['kernel', 'kit', 'node', 'compliance', 'bench', 'sim'],
};

/** The outside world and the only places that may touch it; everybody else is handed a Clock, a Random, a Disk or a Transport. */
const worldModules = [
  'node:fs',
  'node:fs/promises',
  'node:worker_threads',
  'node:dgram',
  'node:net',
  'node:os',
  'node:child_process',
  'node:timers',
  'node:timers/promises',
];
const homesOfTheWorld = [
  'src/kit/world/**',
  'src/plugins/transport/*/**',
  'src/bench/**',
  'src/cli/**',
  'test/**',
  'bench/**',
  'scripts/**',
];
const randomNames = [
  'randomBytes',
  'randomUUID',
  'randomInt',
  'randomFill',
  'randomFillSync',
  'generateKeyPair',
  'generateKeyPairSync',
  'getRandomValues',
  'webcrypto',
];

const worldPaths = [
  ...worldModules.map((name) => ({
    name,
    message: 'The world is handed in: take a Clock, Random, Disk, Hasher or Transport.',
  })),
  ...['node:crypto', 'crypto'].map((name) => ({
    name,
    importNames: randomNames,
    message: 'Randomness is handed in: take a Random.',
  })),
];

function layerRule(folder, withWorld, withConfig = false) {
  const forbidden = Object.keys(layers).filter((other) => other !== folder && !layers[folder].includes(other));
  const patterns = forbidden.map((other) => ({
    regex: `^(\\.\\./)+(src/)?${other}/`,
    message: `src/${folder} may import ${layers[folder].join(', ') || 'nothing else of ours'}.`,
  }));
  if (!withConfig) patterns.push({ regex: 'plugins\\.config', message: 'A config reaches the code only as a value.' });
  if (!['kernel', 'node'].includes(folder))
    patterns.push({ regex: '^tsyringe$', message: 'tsyringe lives in kernel/container.ts and src/node.' });
  return ['error', { patterns, paths: withWorld ? [] : worldPaths }];
}

const isWorldHome = (folder) => ['bench', 'cli'].includes(folder);

export default tseslint.config(
  { ignores: ['dist/**', 'coverage/**', 'api/**', 'examples/*/node_modules/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'prefer-const': 'error',
    },
  },
  ...Object.keys(layers).map((folder) => ({
    files: [`src/${folder}/**/*.ts`],
    rules: { 'no-restricted-imports': layerRule(folder, isWorldHome(folder)) },
  })),
  // The homes of the outside world keep their layer and lose only the ban on the world's modules.
  { files: ['src/kit/world/**/*.ts'], rules: { 'no-restricted-imports': layerRule('kit', true) } },
  { files: ['src/plugins/transport/**/*.ts'], rules: { 'no-restricted-imports': layerRule('plugins', true) } },
  // The composition root: the one file through which the shipped config enters the program, as a value from there on.
  { files: ['src/cli/main.ts'], rules: { 'no-restricted-imports': layerRule('cli', true, true) } },
  {
    files: ['src/**/*.ts'],
    ignores: homesOfTheWorld.filter((path) => path.startsWith('src/kit')),
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'setImmediate', 'performance', 'crypto'].map((name) => ({
          name,
          message: 'Time and randomness are handed in: take a Clock or a Random.',
        })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Take a Clock.' },
        { object: 'Math', property: 'random', message: 'Take a Random.' },
        { object: 'process', property: 'hrtime', message: 'Take a Clock.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Take a Clock.' },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'examples/**/*.ts', 'scripts/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', 'no-console': 'off' },
  },
  { files: ['*.js', 'scripts/**/*.js'], languageOptions: { globals: { process: 'readonly', console: 'readonly' } } },
  prettier,
);
