import { readdirSync, rmSync } from 'node:fs';
import { join, sep } from 'node:path';
import { buildUnlessCurrent } from './unless-current';

const ROOT = join(__dirname, '..', '..');
const RECORD = join(ROOT, 'dist', 'packages.json');

const SOURCES = ['bin', 'client', 'lambda', 'lib', 'local', join('tools', 'build')];
/** Folders of which every file is built. Those of a command or a handler are found by its imports. */
const WHOLE = ['lib', join('local', 'emulator', 'services', 'functions', 'runtime')];
const SETTINGS = ['cdk.json', 'LICENSE', 'package.json', 'tsconfig.json', 'node_modules/.package-lock.json'];
const BUILT = [join('dist', 'cdk'), join('dist', 'lambda'), join('client', 'dist'), join('local', 'dist')];
const BUILT_FILES = ['.jsii', 'API.md'];
const NO_SOURCE = new Set(['dist', 'node_modules']);

/** Builds the contents of the packages unless they are those of the present sources. */
export function buildCurrentPackages(): Promise<void> {
  return buildUnlessCurrent(RECORD, async () => {
    // takes seconds to load
    const { buildPackages } = await import('./packages');
    await buildPackages();
    const at = (path: string): string => join(ROOT, path);
    return {
      read: [...SOURCES.map(at).flatMap(sourcesIn), ...[...WHOLE, ...SETTINGS].map(at)],
      written: [...BUILT.map(at).flatMap(filesIn), ...BUILT_FILES.map(at)],
    };
  });
}

/** Builds the contents of the packages, also if nothing changed. */
export function rebuildPackages(): Promise<void> {
  rmSync(RECORD, { force: true });
  return buildCurrentPackages();
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

function sourcesIn(folder: string): readonly string[] {
  return filesIn(folder).filter(
    (file) =>
      !file
        .slice(ROOT.length)
        .split(sep)
        .some((name) => NO_SOURCE.has(name)),
  );
}
