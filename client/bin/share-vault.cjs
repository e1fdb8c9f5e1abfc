#!/usr/bin/env node
// npm links a command of a workspace only if its file exists at `npm ci`, so this one is not a build's output
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const built = join(__dirname, '..', 'dist', 'cli.cjs');
if (existsSync(built)) {
  require(built);
} else {
  process.stderr.write('share-vault: expected a built package, got a checkout that is not built: run npm run build\n');
  // not 1, a result of `explain` and `doctor`
  process.exitCode = 2;
}
