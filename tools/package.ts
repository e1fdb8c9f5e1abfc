import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildCurrentPackages } from './build/current-packages';

const ROOT = join(__dirname, '..');
const INTO = join(ROOT, 'dist', 'packages');

/** `npm run package`: builds the three packages, and packs them into `dist/packages`. */
async function main(): Promise<void> {
  await buildCurrentPackages();
  rmSync(INTO, { recursive: true, force: true });
  mkdirSync(INTO, { recursive: true });
  const args = ['pack', '--workspaces', '--ignore-scripts', '--silent', '--pack-destination', INTO];
  const packed = execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' });
  for (const archive of packed.trim().split('\n')) console.log(relative(process.cwd(), join(INTO, archive)));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
