import { expect, test } from '@jest/globals';
import { basename, join } from 'node:path';
import * as ts from 'typescript';
import { type Block, ROOT, blocksIn, blocksOf } from './blocks';
import { RUNBOOKS } from '../../e2e/incidents/blocks';
import { CONTEXTS, type Context, inStack } from './contexts';

/** The packages' entry points: a build writes the same types. */
const PACKAGES = {
  '@cdk-share-vault/constructs': [join(ROOT, 'lib', 'index.ts')],
  '@cdk-share-vault/client': [join(ROOT, 'client', 'index.ts')],
  '@cdk-share-vault/local': [join(ROOT, 'local', 'index.ts')],
  // not installed: Jest's functions have the same names and parameters
  vitest: [join(ROOT, 'node_modules', '@jest', 'globals')],
};
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  lib: ['lib.es2024.d.ts', 'lib.esnext.disposable.d.ts', 'lib.esnext.array.d.ts'],
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  resolveJsonModule: true,
  noEmit: true,
  paths: PACKAGES,
};

// test/client/examples.test.ts compiles and runs those of the client's page
const BLOCKS: readonly Block<string>[] = [
  ...blocksIn('ts').filter(({ page }) => page !== 'docs/client.md'),
  ...RUNBOOKS.flatMap((name) => blocksOf(`docs/incidents/${name}.md`).filter(({ language }) => language === 'ts')),
];
/** The runbooks change the vault of a stack, and one of them makes its next share key in an earlier block. */
const RUNBOOK = { ...inStack('', 'ShareKey, ShareVault'), next: 'declare const next: ShareKey;\n' };

/** Returns a block as a module: its imports, the context that its page describes, and the rest of it. */
function moduleOf({ page, name, text }: Block<string>): string {
  const [, imports = '', code = ''] = /^((?:import .*;\n)*)([^]*)$/.exec(text) ?? [];
  const { before, after = '' } = contextOf(page, name, code);
  return `${imports}${before}\n${code}\n${after}\nexport {};\n`;
}

function contextOf(page: string, name: string, code: string): Context {
  const contexts = new Map(Object.entries(CONTEXTS)).get(page);
  if (!page.startsWith('docs/incidents/')) return contexts?.[name] ?? { before: '' };
  return code.includes('const next') ? RUNBOOK : { ...RUNBOOK, before: RUNBOOK.before.replace('export class', `${RUNBOOK.next}export class`) }; // prettier-ignore
}

/** Returns the compiler's messages about modules, by the file of each. */
function compile(modules: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  const disk = ts.createCompilerHost(OPTIONS);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (file) => modules.has(file) || disk.fileExists(file),
    readFile: (file) => modules.get(file) ?? disk.readFile(file),
    getSourceFile: (file, version) => {
      const text = modules.get(file);
      return text === undefined ? disk.getSourceFile(file, version) : ts.createSourceFile(file, text, version);
    },
  };
  const program = ts.createProgram([...modules.keys()], OPTIONS, host);
  return new Map(
    [...modules.keys()].map((file) => {
      const source = program.getSourceFile(file);
      const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      return [file, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))];
    }),
  );
}

const fileOf = (block: Block<string>): string => join(ROOT, `${basename(block.page)}-${block.line}.ts`);
let messages: ReturnType<typeof compile> | undefined;

test.each(BLOCKS.map((block) => [block.page, block.name, block] as const))(
  'the TypeScript of %s compiles as it stands: %s',
  (_page, _name, block) => {
    messages ??= compile(new Map(BLOCKS.map((each) => [fileOf(each), moduleOf(each)])));

    expect(messages.get(fileOf(block))).toEqual([]);
  },
);

test('each context belongs to a block', () => {
  const named = Object.entries(CONTEXTS).flatMap(([page, contexts]) =>
    Object.keys(contexts).map((name) => `${page}: ${name}`),
  );

  expect(BLOCKS.map(({ page, name }) => `${page}: ${name}`)).toEqual(expect.arrayContaining(named));
});

test('a block that misnames a prop is reported', () => {
  const file = join(ROOT, 'wrong.ts');
  const code = `import { ShareVaultClient } from '@cdk-share-vault/client';\nnew ShareVaultClient({ environment: 7 });\n`;

  expect(compile(new Map([[file, code]])).get(file)).toEqual([
    expect.stringMatching(/'number' is not assignable to type 'string'/),
  ]);
});
