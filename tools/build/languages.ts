import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** The languages of `jsii.targets` in package.json. */
export const LANGUAGES = ['python', 'java', 'dotnet', 'go'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The Python interpreter, which is not part of the project's tools. */
const PYTHON = 'python3';

/** What became of the Python package: its file, or the reason that it could not be made here. */
export type PythonPackage = { readonly file: string } | { readonly missing: string };

/**
 * Writes the sources of the construct library's package for each language to `into/LANGUAGE`. They contain the built
 * npm package (`dist/cdk`, `dist/lambda`, `.jsii`). Needs no toolchain of that language. Throws jsii-pacmak's messages.
 */
export function generateSources(into: string, languages: readonly Language[] = LANGUAGES): void {
  const pacmak = join(dirname(require.resolve('jsii-pacmak/package.json')), 'bin', 'jsii-pacmak');
  const options = [
    '--code-only',
    '--no-npmignore',
    '--force-subdirectory',
    '--outdir',
    into,
    '--targets',
    ...languages,
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, [pacmak, ROOT, ...options], {
    cwd: ROOT,
    // it packs the npm package, whose script would build everything again
    env: { ...process.env, npm_config_ignore_scripts: 'true' },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`expected jsii-pacmak to generate sources, got\n${stdout}${stderr}`);
}

/**
 * Makes the Python package from generated sources, as an sdist in the folder `into`. Needs Python with setuptools and
 * no network. Throws setuptools' messages if they refuse the sources.
 *
 * @param sources the folder that `generateSources` wrote for Python
 */
export function makePythonPackage(sources: string, into: string): PythonPackage {
  const missing = missingForPython(['setuptools']);
  if (missing !== undefined) return { missing };
  const dist = join(sources, 'dist');
  rmSync(dist, { recursive: true, force: true });
  // setuptools warn of options of other versions
  const { status, stdout, stderr } = runPython(['-W', 'ignore', 'setup.py', '--quiet', 'sdist'], sources);
  const [name] = existsSync(dist) ? readdirSync(dist) : [];
  if (status !== 0 || name === undefined) throw new Error(`expected setuptools to pack, got\n${stdout}${stderr}`);
  mkdirSync(into, { recursive: true });
  const file = join(into, name);
  renameSync(join(dist, name), file);
  return { file };
}

/** Returns what is missing on this machine to import these Python modules; undefined if nothing is. */
export function missingForPython(modules: readonly string[]): string | undefined {
  const { status, error } = runPython(['-c', '']);
  if (status !== 0) return `${PYTHON}${error === undefined ? '' : ` (${error.message})`}`;
  const missing = modules.filter((name) => runPython(['-c', `import ${name}`]).status !== 0);
  return missing.length === 0 ? undefined : `the Python modules ${missing.join(', ')}`;
}

/** Runs the Python interpreter, and waits for it. */
export function runPython(args: readonly string[], cwd = ROOT, env: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> {
  return spawnSync(PYTHON, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8' });
}
