#!/usr/bin/env -S node --
// `--`: Node would read an option `--env-file` of `serve` itself (nodejs/node#54232)
// npm links a command of a workspace only if its file exists at `npm ci`, so this one is not a build's output
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { engines } = require('../package.json');

const built = join(__dirname, '..', 'dist', 'cli.cjs');
const node = process.versions.node;

/** Refuses to run. The exit code is not 1: that is a result of `explain` and `doctor`. */
function refuse(problem) {
  process.stderr.write(`share-vault-local: ${problem}\n`);
  process.exitCode = 2;
}

if (parseInt(node, 10) < parseInt(engines.node.slice(2), 10)) {
  refuse(`expected Node.js ${engines.node}, got ${node}`);
} else if (!existsSync(built)) {
  refuse('expected a built package, got a checkout that is not built: run npm run build');
} else {
  require(built);
}
