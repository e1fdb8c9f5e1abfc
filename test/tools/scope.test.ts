import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { name } from '../../package.json';
import { rescope, rescopeFiles, trackedFiles } from '../../tools/scope';

const ROOT = join(__dirname, '..', '..');
const [SCOPE = ''] = name.split('/');
/** The tests have wrong names as samples; the changelog has the names of earlier versions. */
const EXEMPT = ['CHANGELOG.md', 'test/tools/documents/shell.test.ts', 'test/tools/scope.test.ts'];
const TEXTS = trackedFiles(ROOT)
  .filter((file) => !EXEMPT.includes(file))
  .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));

const UNSCOPED = '(?:cdk-share-vault|share-vault-local|share-vault)';
/** Places that name a package, with a name that anyone could register. */
const WITHOUT_SCOPE: Readonly<Record<string, RegExp>> = {
  'an import': new RegExp(
    `\\b(?:from|import|require(?:\\.resolve)?\\(|import\\(|createRequire\\([\\w.]+\\)\\()\\s*['"]${UNSCOPED}['"/]`,
  ),
  'a folder of node_modules': new RegExp(`node_modules(?:/|', ')${UNSCOPED}(?![\\w-])`),
  'an installation': new RegExp(`\\bnpm (?:install|i|add)\\b[^\`\\n'"&;|]*\\s${UNSCOPED}(?=[\\s\`'"]|$)`),
  'an archive': new RegExp(`(?<![\\w-])${UNSCOPED}-[\\d*][\\w.*]*\\.tgz`),
  'a sentence': new RegExp(`\\b[Pp]ackages? \`?${UNSCOPED}(?![\\w:/-])`),
  'a manifest': new RegExp(`"name": "${UNSCOPED}"`),
  'a dependency': new RegExp(`"${UNSCOPED}": "(?:[~^*\\d<>]|file:|workspace:)`),
  'a file of a package': new RegExp(`(?<![\\w@/.-])${UNSCOPED}/(?:schemas|dist|bin|package\\.json)`),
};
/** A package that npx would fetch if it is not installed. */
const NPX = /\bnpx (?!--no-install\b)(?!--yes jsii-pacmak@\d)[\w@'"$-]/;

function found(pattern: RegExp): readonly string[] {
  return TEXTS.flatMap(({ file, text }) =>
    text.split('\n').flatMap((line, at) => (pattern.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : [])),
  );
}

describe('the names of the three packages', () => {
  test('have one scope in all files, that of package.json', () => {
    const scopes = TEXTS.flatMap(({ text }) => text.match(/@[a-z0-9][\w.-]*(?=\/(?:constructs|client|local)(?![\w-]))/g) ?? []); // prettier-ignore

    // Redis's client has such a name too
    expect([...new Set(scopes)].filter((scope) => scope !== '@redis')).toEqual([SCOPE]);
  });

  test.each(Object.entries(WITHOUT_SCOPE))('are never without their scope in %s', (_where, pattern) => {
    expect(found(pattern)).toEqual([]);
  });

  test.each([
    ['an import', `import { ShareVault } from 'cdk-share-vault';`],
    ['an import', `const { ShareVaultClient } = require("share-vault");`],
    ['an import', `require.resolve('share-vault-local/package.json')`],
    ['a folder of node_modules', 'node_modules/share-vault/dist/cli.cjs'],
    ['a folder of node_modules', `join(project, 'node_modules', 'share-vault', 'dist')`],
    ['an installation', 'npm install --save-dev share-vault-local'],
    ['an archive', 'npm install CLONE/share-vault-0.1.0.tgz'],
    ['a sentence', 'with the package `share-vault` installed'],
    ['a manifest', '  "name": "share-vault",'],
    ['a dependency', '    "share-vault-local": "^0.1.0",'],
    ['a file of a package', 'read `share-vault/schemas/seal-request.schema.json`'],
  ])('without their scope would be found in %s: %s', (where, line) => {
    expect(WITHOUT_SCOPE[where]?.test(line)).toBe(true);
  });

  test('are not confused with commands, functions and warnings of similar names', () => {
    const lines = [
      'npm install && npx --no-install share-vault doctor',
      'the command `share-vault-local`',
      "acknowledgeWarning('cdk-share-vault:imported-alarm-topic')",
      "import { ShareVault } from '../lib/share-vault';",
    ];

    expect(lines.filter((line) => Object.values(WITHOUT_SCOPE).some((pattern) => pattern.test(line)))).toEqual([]);
  });
});

describe('npx', () => {
  test('runs only installed packages in every text', () => {
    expect(found(NPX)).toEqual([]);
  });

  test.each(['npx share-vault doctor', 'npx -y share-vault', 'npx "$program"'])('would be found in %s', (line) => {
    expect(NPX.test(line)).toBe(true);
  });
});

describe('npm run scope', () => {
  test('renames packages and archives, and nothing else', () => {
    const text = [
      `import { ShareVault } from '@one/constructs';`,
      'npm install one-client-0.1.0.tgz one-local-*.tgz node_modules/@one/local/dist',
      '@one/maintainers @one/client-kms one-client my-one-client-0.1.0.tgz',
    ].join('\n');

    expect(rescope(text, '@one', '@two.b')).toBe(
      [
        `import { ShareVault } from '@two.b/constructs';`,
        'npm install two.b-client-0.1.0.tgz two.b-local-*.tgz node_modules/@two.b/local/dist',
        '@one/maintainers @one/client-kms one-client my-one-client-0.1.0.tgz',
      ].join('\n'),
    );
  });

  test('rewrites the files that git tracks, and aligns their tables again', () => {
    const root = mkdtempSync(join(tmpdir(), 'scope-'));
    const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: root });
    git('init', '--quiet');
    const table = '| package       | about |\n| ------------- | ----- |\n| `@one/client` | calls |\n';
    writeFileSync(join(root, 'page.md'), table);
    writeFileSync(join(root, 'package.json'), '{\n  "name": "@one/local",\n  "author": "one"\n}\n');
    writeFileSync(join(root, 'other.md'), 'nothing\n');
    writeFileSync(join(root, 'untracked.md'), '@one/client\n');
    git('add', 'page.md', 'package.json', 'other.md');

    const changed = rescopeFiles(root, '@one', '@another');

    expect(changed).toEqual(['package.json', 'page.md']);
    expect(readFileSync(join(root, 'page.md'), 'utf8')).toBe(
      '| package           | about |\n| ----------------- | ----- |\n| `@another/client` | calls |\n',
    );
    expect(readFileSync(join(root, 'package.json'), 'utf8')).toBe(
      '{\n  "name": "@another/local",\n  "author": "one"\n}\n',
    );
    expect(readFileSync(join(root, 'untracked.md'), 'utf8')).toBe('@one/client\n');
  });
});
