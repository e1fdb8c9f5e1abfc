import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Documentation, Language } from 'jsii-docgen';
import { name as PACKAGE } from '../../package.json';

const ROOT = join(__dirname, '..', '..');
export const API_FILE = join(ROOT, 'API.md');

/** The files of an assembly: the second one is there only if the first one refers to it. */
const ASSEMBLY_FILES = ['.jsii', '.jsii.gz'];

/**
 * Returns the reference of the constructs as Markdown, from the assembly `.jsii` that the build wrote. Needs no network:
 * the assemblies of the dependencies come from `node_modules`.
 */
export async function apiPage(): Promise<string> {
  const assemblies = mkdtempSync(join(tmpdir(), 'share-vault-api-'));
  try {
    copyAssembly(ROOT, join(assemblies, PACKAGE));
    for (const name of dependencies()) copyAssembly(join(ROOT, 'node_modules', name), join(assemblies, name));
    const documentation = await Documentation.forAssembly(PACKAGE, assemblies);
    return (await documentation.toMarkdown({ language: Language.TYPESCRIPT })).render();
  } finally {
    rmSync(assemblies, { recursive: true });
  }
}

/**
 * Returns the packages that the constructs depend on, also indirectly. `node_modules` has more assemblies, and older
 * versions of some: the oldest supported CDK is one.
 */
function dependencies(): readonly string[] {
  const assembly = JSON.parse(readFileSync(join(ROOT, '.jsii'), 'utf8')) as {
    readonly dependencyClosure?: Readonly<Record<string, unknown>>;
  };
  return Object.keys(assembly.dependencyClosure ?? {});
}

function copyAssembly(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const file of ASSEMBLY_FILES.filter((name) => existsSync(join(from, name)))) {
    copyFileSync(join(from, file), join(to, file));
  }
}
