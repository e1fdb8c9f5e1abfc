import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as ts from 'typescript';

const ROOT = join(__dirname, '..', '..');

/**
 * Writes the types of a package's entry point, and of the sources of this repository that these types refer to. Throws the
 * compiler's messages.
 */
export function writeDeclarations(source: string, outDir: string): void {
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
  const files = new Map<string, string>();
  const { diagnostics } = program.emit(undefined, (file, text) => void files.set(resolve(file), text));
  requireNone(source, [...ts.getPreEmitDiagnostics(program), ...diagnostics]);
  const entry = resolve(source).replace(ROOT, resolve(outDir)).replace(/\.ts$/, '.d.ts');
  for (const file of reachable(entry, files)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, files.get(file) ?? '');
  }
}

/** Returns the files that an entry refers to, itself included: others would make each consumer's compiler read them. */
function reachable(entry: string, files: ReadonlyMap<string, string>): ReadonlySet<string> {
  const found = new Set([entry]);
  // a set's iteration includes what is added meanwhile
  for (const file of found) {
    for (const { fileName } of ts.preProcessFile(files.get(file) ?? '').importedFiles) {
      const target = resolve(dirname(file), `${fileName}.d.ts`);
      if (fileName.startsWith('.') && files.has(target)) found.add(target);
    }
  }
  return found;
}

function requireNone(source: string, problems: readonly ts.Diagnostic[]): void {
  if (problems.length === 0) return;
  const host = {
    getCanonicalFileName: (name: string) => name,
    getCurrentDirectory: () => ROOT,
    getNewLine: () => '\n',
  };
  throw new Error(`expected types of ${source}, got\n${ts.formatDiagnostics(problems, host)}`);
}
