const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, diagnostics: false, tsconfig: 'tsconfig.json' }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

const PAIRS = ['mrt-udp', 'tcp', 'websocket']
  .flatMap((transport) => ['aes-gcm', 'aes-js', 'none'].map((cipher) => ({ transport, cipher })))
  .filter(({ transport, cipher }) => transport !== 'mrt-udp' || cipher !== 'aes-gcm');

/**
 * Three tiers, one list: `unit` and `e2e` are `npm test`; `full` (files named *.full.test.ts) joins them in
 * `npm run test:full`, and so does the whole end-to-end list once more under each pair of transport and cipher that is not the default's.
 */
export default {
  // Much of a run is waiting, for sockets and for other processes: two workers, since timed end-to-end cases need their core.
  maxWorkers: 2,
  // What modules of one file leave behind stays with a worker: over a whole list gigabytes, which slow what comes last.
  workerIdleMemoryLimit: '1500MB',
  // One that is renewed after its last file has to start before it can end: on a busy machine that takes longer than the 500 ms after which it is taken
  // for one with something left open.
  workerGracefulExitTimeout: 5_000,
  testTimeout: 20_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/test/e2e/', '\\.(full|browser)\\.test\\.ts$'],
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
      testPathIgnorePatterns: ['\\.full\\.test\\.ts$'],
    },
    ...PAIRS.map((pair) => ({
      ...shared,
      displayName: `${pair.transport}+${pair.cipher}`,
      globals: { pairUnderTest: pair },
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
      // Of the long ones those that are about files and losses: the others are about a node, not about what lies below it.
      testPathIgnorePatterns: ['/(?!broken-transfers|large-file|losses|meeting|ten-nodes)[^/]*\\.full\\.test\\.ts$'],
    })),
    { ...shared, displayName: 'full', testMatch: ['<rootDir>/test/**/*.full.test.ts'] },
    // Needs a browser, and so runs by itself: `npm run test:browser`.
    { ...shared, displayName: 'browser', testMatch: ['<rootDir>/test/**/*.browser.test.ts'] },
  ],
};
