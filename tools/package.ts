import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildCurrentPackages } from './build/current-packages';
import { generateSources, makePythonPackage } from './build/languages';

const ROOT = join(__dirname, '..');
const INTO = join(ROOT, 'dist', 'packages');

/** `npm run package`: builds the three packages, and packs them, and the constructs for Python, into `dist/packages`. */
async function main(): Promise<void> {
  await buildCurrentPackages();
  rmSync(INTO, { recursive: true, force: true });
  mkdirSync(INTO, { recursive: true });
  const args = ['pack', '--workspaces', '--ignore-scripts', '--silent', '--pack-destination', INTO];
  const packed = execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' });
  for (const archive of packed.trim().split('\n')) console.log(relative(process.cwd(), join(INTO, archive)));
  packForPython();
}

/** Packs the constructs for Python, or says what is missing for that: the other packages don't need Python. */
function packForPython(): void {
  const sources = join(ROOT, 'dist', 'jsii-sources');
  rmSync(sources, { recursive: true, force: true });
  generateSources(sources, ['python']);
  const made = makePythonPackage(join(sources, 'python'), INTO);
  if ('file' in made) console.log(relative(process.cwd(), made.file));
  else console.error(`the package for Python was not made: expected ${made.missing}, got none`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
