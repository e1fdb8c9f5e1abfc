import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { name } from '../package.json';

const ROOT = join(__dirname, '..');
const USAGE = 'usage: npm run scope -- @SCOPE';
/** The names of the three packages after the scope. */
const NAMES = '(constructs|client|local)';

/** Returns a text with the packages' names and their archives' names in another scope. Scopes begin with `@`. */
export function rescope(text: string, from: string, to: string): string {
  return text
    .replace(new RegExp(`${escaped(from)}/${NAMES}(?![\\w-])`, 'g'), `${to}/$1`)
    .replace(new RegExp(`(?<![\\w@/-])${escaped(from.slice(1))}-${NAMES}(?=-(?:\\d|\\*))`, 'g'), `${to.slice(1)}-$1`);
}

/** Gives the packages another scope in all files that git tracks. Returns the changed files, relative to the root. */
export function rescopeFiles(root: string, from: string, to: string): readonly string[] {
  const changed = trackedFiles(root).filter((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const written = rescope(text, from, to);
    if (written === text) return false;
    writeFileSync(join(root, file), written);
    return true;
  });
  // the columns of tables have other widths
  if (changed.length > 0) format(root, changed);
  return changed;
}

export function trackedFiles(root: string): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
  return listed.split('\0').filter((file) => file !== '');
}

function format(root: string, files: readonly string[]): void {
  const prettier = require.resolve('prettier/bin/prettier.cjs');
  const args = [prettier, '--write', '--ignore-unknown', '--log-level', 'warn', ...files];
  execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
}

function escaped(text: string): string {
  return text.replace(/[.]/g, '\\$&');
}

/** `npm run scope -- @acme`: the scope is that of the root's package.json, and this rewrites it everywhere. */
function main([scope, ...more]: readonly string[]): number {
  const [present = ''] = name.split('/');
  if (scope === undefined || more.length > 0 || !/^@[a-z0-9][a-z0-9._-]*$/.test(scope)) {
    console.error(USAGE);
    return 2;
  }
  const changed = rescopeFiles(ROOT, present, scope);
  console.log(`${changed.length} files have ${scope} instead of ${present}: run npm ci, then npm run build`);
  return 0;
}

if (require.main === module) process.exitCode = main(process.argv.slice(2));
