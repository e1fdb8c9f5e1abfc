import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

export interface Packed {
  readonly tarball: string;
  /** its own, in this repository */
  readonly folder: string;
  /** paths inside of the package */
  readonly files: readonly string[];
}

/** Packs a folder of this repository as `npm publish` would. */
export function pack(folder: string, into: string): Packed {
  const args = ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', into];
  const output = execFileSync('npm', args, { cwd: join(ROOT, folder), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }); // prettier-ignore
  const [packed] = JSON.parse(output) as readonly [{ filename: string; files: readonly { path: string }[] }];
  return { folder, tarball: join(into, packed.filename), files: packed.files.map(({ path }) => path) };
}

/** A project outside of the repository that has a tarball installed, and of the repository's packages these besides. */
export function installed(project: string, name: string, packed: Packed, packages: readonly string[]): string {
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, name), { recursive: true });
  execFileSync('tar', ['-xzf', packed.tarball, '-C', join(modules, name), '--strip-components=1']);
  for (const dependency of packages.filter((name) => !existsSync(join(modules, name)))) {
    mkdirSync(dirname(join(modules, dependency)), { recursive: true });
    // a workspace has its own copy of a package if the root has another version
    const own = join(ROOT, packed.folder, 'node_modules', dependency);
    symlinkSync(existsSync(own) ? own : join(ROOT, 'node_modules', dependency), join(modules, dependency));
  }
  return join(modules, name);
}

/** Runs a script in a project's folder, with no path of the repository in its environment. */
export function runIn(project: string, args: readonly string[]): string {
  return execFileSync(process.execPath, args, {
    cwd: project,
    env: { HOME: project, TMPDIR: tmpdir() },
    encoding: 'utf8',
  });
}
