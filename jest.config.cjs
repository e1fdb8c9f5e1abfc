/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/support/jest-environment.ts',
  // lambda/ too: else a source that no test loads would count as none
  roots: ['<rootDir>/test', '<rootDir>/lambda'],
  testMatch: ['**/*.test.ts'],
  // `ts` first: an in-place compile of lib/ must never be tested instead of its source
  moduleFileExtensions: ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'node'],
  transform: {
    // suites of a worker share one copy: loading and validating cost more than most of them. No suite may leave it changed
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
  // only a test that hangs meets it: a vault with its two RSA keys takes a busy machine a minute to start
  testTimeout: 180_000,
  maxWorkers: 2,
  // modules of finished suites are not given back; a new worker loads the CDK again, for 10 s
  workerIdleMemoryLimit: '3GB',
  // the whole suite is held to the threshold; a part of it can't reach it, and counting takes longer than most suites
  collectCoverage: process.argv.length === 2,
  collectCoverageFrom: ['lambda/**/*.ts'],
  // counts in lambda/ alone; V8's own way counts, and keeps, all that a worker ever loads, and made it run thrice as long
  coverageProvider: 'babel',
  coverageReporters: ['text-summary'],
  coverageThreshold: { global: { lines: 95 } },
};
