import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

const ROOT = join(__dirname, '..', '..');

/** Empties a package's `dist` and copies the licence into it: each published package needs one. Returns the folder. */
export function emptyDist(folder: string): string {
  const dist = join(folder, 'dist');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  copyFileSync(join(ROOT, 'LICENSE'), join(dist, 'LICENSE'));
  return dist;
}

/** Throws an error that names each import that package.json does not declare: here the workspace's root would resolve it. */
export function requireDependencies(folder: string, { outputs }: Metafile): void {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { dependencies = {} } = manifest as { readonly dependencies?: Readonly<Record<string, string>> };
  const imported = Object.values(outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ path, external }) => external === true && !isBuiltin(path))
    .map(({ path }) => packageOf(path));
  const missing = [...new Set(imported)].filter((name) => !Object.hasOwn(dependencies, name));
  if (missing.length > 0) {
    throw new Error(`expected ${folder}/package.json to depend on what it imports, got none of ${missing.join(', ')}`);
  }
}

/** Returns the package of an import: `@scope/name` or `name`. */
function packageOf(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/');
}
