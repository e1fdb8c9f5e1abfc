import { cpSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { bundleClientCommand, bundleForNode } from './commands';
import { emptyDist } from './package-folder';

const ROOT = join(__dirname, '..', '..');
const PACKAGE = join(ROOT, 'client');

/** Builds the package `@cdk-share-vault/client` into `client/dist`: an ES module, its CommonJS twin, their types, the command, and the JSON Schemas. */
export async function buildClient(): Promise<void> {
  const dist = emptyDist(PACKAGE);
  const entryPoints = [join(PACKAGE, 'index.ts')];
  await bundleForNode(PACKAGE, { entryPoints, outfile: join(dist, 'index.mjs'), format: 'esm' });
  await bundleForNode(PACKAGE, { entryPoints, outfile: join(dist, 'index.cjs'), format: 'cjs' });
  await bundleClientCommand(dist);
  cpSync(join(ROOT, 'docs', 'schemas'), join(dist, 'schemas'), { recursive: true });
  writeDeclarations(join(PACKAGE, 'index.ts'), join(dist, 'types'));
}

/** Writes the types of a source and of all that it imports from this repository. Throws the compiler's messages. */
function writeDeclarations(source: string, outDir: string): void {
  const program = ts.createProgram([source], {
    target: ts.ScriptTarget.ES2024,
    lib: ['lib.es2024.d.ts', 'lib.esnext.disposable.d.ts'],
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    stripInternal: true,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: ROOT,
    outDir,
  });
  const { diagnostics } = program.emit();
  const problems = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (problems.length === 0) return;
  const host = {
    getCanonicalFileName: (name: string) => name,
    getCurrentDirectory: () => ROOT,
    getNewLine: () => '\n',
  };
  throw new Error(`expected types of ${source}, got\n${ts.formatDiagnostics(problems, host)}`);
}
