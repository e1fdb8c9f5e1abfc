/** @type {import('jest').Config} */
const SUITES = {
  testEnvironment: '<rootDir>/test/support/jest-environment.ts',
  // includes lambda/, so that coverage counts sources that no test loads
  roots: ['<rootDir>/test', '<rootDir>/lambda'],
  // `ts` comes first, so that tests never load files compiled next to their sources
  moduleFileExtensions: ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'node'],
  transform: {
    // a worker's suites share one copy, because loading it costs more than most suites. No suite may leave it changed
    '/node_modules/(aws-cdk-lib|constructs|cdk-nag)/.+\\.js$': '<rootDir>/test/support/load-shared.cjs',
    '^.+\\.(ts|mts|js|mjs)$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'commonjs' } },
    ],
  },
  // ESM-only packages that tests load
  transformIgnorePatterns: ['/node_modules/(?!(jose|aws-cdk-lib|constructs|cdk-nag)/)'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/test/support/matchers.ts'],
};

/** @type {import('jest').Config} */
module.exports = {
  projects: [
    { ...SUITES, testMatch: ['<rootDir>/test/lambda/**/*.test.ts'] },
    {
      ...SUITES,
      testMatch: ['**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/lambda/'],
      // counting costs an eighth of a suite's time, and the suites of lambda/ reach nearly every line
      coveragePathIgnorePatterns: ['/'],
    },
  ],
  // only a hanging test reaches it: on a busy machine a vault with two RSA keys takes a minute to start
  testTimeout: 180_000,
  // two cores stand idle for a fifth of a run of two workers: suites about outages wait most of their time
  maxWorkers: 3,
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  // jest does not free the modules of finished suites; a new worker needs 10 s to load the CDK again
  workerIdleMemoryLimit: '2GB',
  // only a complete run counts: a part can't reach the threshold, and counting takes longer than most suites
  collectCoverage: process.argv.length === 2,
  collectCoverageFrom: ['lambda/**/*.ts'],
  // counts only in lambda/; V8's coverage counts and keeps every loaded module and takes three times as long
  coverageProvider: 'babel',
  coverageReporters: ['text-summary'],
  coverageThreshold: { global: { lines: 95 } },
};
