import { beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { API_FILE, apiPage } from '../../../tools/build/api-page';
import { buildClient } from '../../../tools/build/client';
import { buildConstructs } from '../../../tools/build/constructs';
import { buildLocal } from '../../../tools/build/local';
import { BUNDLES, HANDLERS } from '../../../tools/build/bundle';
import { type Packed, ROOT, installed, pack, runIn } from '../../support/pack';
import { testClientLoading } from './support/client-loading';
import { testClientTypes } from './support/client-types';
import { testLanguages } from './support/languages';
import { testWalletBackend } from './support/wallet-backend';
import { testLocalModule } from './support/local-module';
import { testLocalServe } from './support/local-serve';

const HANDLER_FILES = [
  ...BUNDLES.flatMap((name) => [`${name}/index.mjs`, `${name}/THIRD_PARTY_LICENSES.txt`]),
  ...['migrate/migrations.br', 'elsewhere/migrate/migrations.br'],
];
const scratch = (): string => mkdtempSync(join(tmpdir(), 'share-vault-packages-'));

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
}

/** Returns the packages that must be installed beside a package. */
const dependenciesOf = (folder: string): readonly string[] =>
  Object.keys(manifestOf(join(ROOT, folder)).dependencies ?? {});

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Each tarball, packed once. */
let constructs: Packed | undefined;
let client: Promise<Packed> | undefined;
let local: Promise<Packed> | undefined;
const packClient = (): Promise<Packed> => (client ??= buildClient().then(() => pack('client', scratch())));
const packLocal = (): Promise<Packed> => (local ??= buildLocal().then(() => pack('local', scratch())));

function packConstructs(): Packed {
  if (constructs === undefined) buildConstructs();
  return (constructs ??= pack('.', scratch()));
}

describe('the package of constructs', () => {
  let root: Packed;
  beforeAll(() => {
    root = packConstructs();
  });
  testLanguages();

  test('holds constructs, bundles and documents, and nothing else', () => {
    const allowed = [
      /^(\.jsii|package\.json|LICENSE|[A-Z]+\.md)$/,
      /^docs\/[a-z0-9/-]+\.(md|json)$/,
      /^docs\/schemas\/[a-z-]+\.schema\.json$/,
      /^docs\/examples\/exchange\.py$/,
      /^dist\/cdk\/lib\/[a-z/-]+\.(js|d\.ts)$/,
      /^dist\/cdk\/lambda\/contract\/(canary-context|elsewhere|elsewhere-hosts|kinds|limits|log-archive-prefix|log-retention|metrics|patterns|recovery|receipt-prefix|reseal-alias|restore-check-alias|tombstone-prefix|variables|warnings)\.(js|d\.ts)$/,
      new RegExp(`^dist/lambda/(${HANDLER_FILES.join('|')})$`),
    ];

    expect(root.files.filter((file) => !allowed.some((pattern) => pattern.test(file)))).toEqual([]);
    expect(root.files).toEqual(
      expect.arrayContaining([
        '.jsii',
        'API.md',
        'README.md',
        'docs/deploy.md',
        'docs/schemas/seal-request.schema.json',
        'dist/cdk/lib/index.js',
        'dist/cdk/lib/index.d.ts',
        ...HANDLER_FILES.map((file) => `dist/lambda/${file}`),
      ]),
    );
  });

  test('brings no dependency, asks for two peers, and runs nothing when it is installed', () => {
    const { dependencies, peerDependencies, scripts } = manifestOf(ROOT);

    expect(dependencies).toBeUndefined();
    expect(Object.keys(peerDependencies ?? {})).toEqual(['aws-cdk-lib', 'constructs']);
    expect(Object.keys(scripts ?? {}).filter((name) => /install|prepare|prepublish/.test(name))).toEqual([]);
  });

  test('synthesizes a vault in a project that has no esbuild', () => {
    const project = scratch();
    installed(project, '@cdk-share-vault/constructs', root, ['aws-cdk-lib', 'constructs', '@aws-cdk', '@aws']);
    writeFileSync(
      join(project, 'app.js'),
      `const { App, Stack } = require('aws-cdk-lib');
       const { MaterialKind, Operation, ShareVault } = require('@cdk-share-vault/constructs');
       const app = new App({ outdir: 'out' });
       const vault = new ShareVault(new Stack(app, 'Mine'), 'Vault', { environment: 'prod', webhook: {}, restoreTesting: {} });
       vault.addActor('signer', { kinds: [MaterialKind.DELEGATED_SHARE], operations: [Operation.UNSEAL] });
       app.synth();
       for (const name of ['esbuild', 'tsx', 'typescript']) {
         try { require.resolve(name); } catch { process.stdout.write(name + ' '); }
       }`,
    );

    const missing = runIn(project, ['--preserve-symlinks', 'app.js']);

    expect(missing.trim().split(' ')).toEqual(['esbuild', 'tsx', 'typescript']);
    const { files } = JSON.parse(readFileSync(join(project, 'out', 'Mine.assets.json'), 'utf8')) as {
      readonly files: Readonly<Record<string, { readonly source: { readonly path: string; packaging: string } }>>;
    };
    const handlers = Object.values(files)
      .filter(({ source }) => source.packaging === 'zip')
      .map(({ source }) => join(project, 'out', source.path, 'index.mjs'))
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, 'utf8'));
    const shipped = HANDLERS.map((name) => readFileSync(join(ROOT, 'dist', 'lambda', name, 'index.mjs'), 'utf8'));
    expect(handlers).toEqual(expect.arrayContaining(shipped));
  });

  test('has the API.md of its constructs: `npm run build` writes it', async () => {
    expect(readFileSync(API_FILE, 'utf8')).toBe(await apiPage());
  });
});

describe('the client', () => {
  const USE = `const client = new ShareVaultClient({
      environment: 'prod', actor: 'signer', functions: { unseal: 'share-vault-prod-unseal' }, lambda: { send() {} },
    });
    process.stdout.write([client.constructor.name, typeof client.unseal, new ShareVaultError('NotFound', 'x').code].join());`;
  let project: string;
  let files: readonly string[];
  beforeAll(async () => {
    const packed = await packClient();
    files = packed.files;
    project = scratch();
    installed(project, '@cdk-share-vault/client', packed, dependenciesOf('client'));
  });

  test('holds two builds, their types, JSON Schemas, the command, a page about it and a licence', () => {
    const types = /^dist\/types\/(client\/[a-z-]+|lambda\/contract\/[a-z-]+)\.d\.ts$/;
    const schemas = /^dist\/schemas\/[a-z-]+\.schema\.json$/;

    expect(files.filter((file) => !types.test(file) && !schemas.test(file)).sort()).toEqual(
      [
        'README.md',
        'bin/share-vault.cjs',
        'dist/LICENSE',
        'dist/THIRD_PARTY_LICENSES.txt',
        'dist/cli.cjs',
        'dist/index.cjs',
        'dist/index.mjs',
        'package.json',
      ].sort(),
    );
    expect(files).toContain('dist/types/client/index.d.ts');
  });

  test('ships the licence of jose, which its builds contain', () => {
    const licences = readFileSync(
      join(project, 'node_modules/@cdk-share-vault/client/dist/THIRD_PARTY_LICENSES.txt'),
      'utf8',
    );

    expect(licences).toMatch(/^jose \d+\.\d+\.\d+ \(MIT\)\n\nThe MIT License/);
    expect(dependenciesOf('client')).not.toContain('jose');
  });

  testClientLoading(() => project);

  test('has the JSON Schemas of docs/schemas, each by its name', () => {
    const shipped = files.filter((file) => file.startsWith('dist/schemas/')).map((file) => basename(file));
    const print = `process.stdout.write(require('@cdk-share-vault/client/schemas/seal-request.schema.json').title)`;
    writeFileSync(join(project, 'schema.cjs'), print);

    expect(shipped.sort()).toEqual(readdirSync(join(ROOT, 'docs', 'schemas')).sort());
    expect(runIn(project, ['schema.cjs'])).toBe('Request of seal: one record');
  });

  test('brings the command that sets the webhook up', () => {
    const { bin } = manifestOf(join(project, 'node_modules', '@cdk-share-vault/client'));

    expect(bin).toEqual({ 'share-vault': 'bin/share-vault.cjs' });
    expect(runIn(project, ['node_modules/@cdk-share-vault/client/bin/share-vault.cjs', '--help'])).toMatch(
      /public-key[^]*webhook-secret[^]*webhook-test/,
    );
  });

  test.each([
    ['an ES module', 'use.mjs', `import { ShareVaultClient, ShareVaultError } from '@cdk-share-vault/client';`],
    ['CommonJS', 'use.cjs', `const { ShareVaultClient, ShareVaultError } = require('@cdk-share-vault/client');`],
  ])('works from %s', (_what, file, load) => {
    writeFileSync(join(project, file), `${load}\n${USE}`);

    expect(runIn(project, [file])).toBe('ShareVaultClient,function,NotFound');
  });

  testClientTypes(() => project);
});

describe('the vault on one machine', () => {
  let project: string;
  let files: readonly string[];
  beforeAll(async () => {
    const packed = await packLocal();
    files = packed.files;
    project = scratch();
    const { peerDependencies = {} } = manifestOf(join(ROOT, 'local'));
    installed(project, '@cdk-share-vault/local', packed, [
      ...dependenciesOf('local'),
      ...Object.keys(peerDependencies),
    ]);
  });

  test('holds its command, its module with types, the processes of both, and the handlers', () => {
    const types =
      /^dist\/types\/(local\/(index|vault\/running\/[a-z-]+)|client\/[a-z-]+|lambda\/contract\/[a-z-]+)\.d\.ts$/;

    expect(files.filter((file) => !types.test(file)).sort()).toEqual(
      [
        'bin/share-vault-local.cjs',
        'dist/LICENSE',
        'dist/THIRD_PARTY_LICENSES.txt',
        'dist/cli.cjs',
        'dist/index.cjs',
        'dist/index.mjs',
        'dist/vault-process.cjs',
        ...HANDLER_FILES.map((file) => `dist/lambda/${file}`),
        'dist/runtime/bootstrap.mjs',
        'dist/template/ShareVault-dev.template.json',
        'README.md',
        'package.json',
      ].sort(),
    );
  });

  test('prints its usage', () => {
    expect(runIn(project, ['node_modules/@cdk-share-vault/local/bin/share-vault-local.cjs', '--help'])).toContain(
      'serve  ',
    );
  });

  test('starts, seals and unseals, and refuses what it has to', () => {
    expect(runIn(project, ['node_modules/@cdk-share-vault/local/bin/share-vault-local.cjs', 'start'])).toContain(
      'Every result is as expected.',
    );
  });

  test('is reached by the command of the client if that is installed beside it', async () => {
    const share = join(
      installed(project, '@cdk-share-vault/client', await packClient(), dependenciesOf('client')),
      'bin/share-vault.cjs',
    );
    const call = { at: '2026-11-21T04:05:06.007Z', principal: 'p', action: 'kms:Decrypt', resource: 'r', result: 'ok' };
    const kept = `${JSON.stringify({ ...call, requestId: 'i' })}\n`;
    writeFileSync(join(project, 'trail.jsonl'), kept);

    expect(runIn(project, [share, 'serve', '--help'])).toMatch(/^Usage: share-vault serve /);
    expect(runIn(project, [share, 'trail', '--json', '--data', '.'])).toBe(kept);
  });

  describe('with the client beside it', () => {
    beforeAll(
      async () => void installed(project, '@cdk-share-vault/client', await packClient(), dependenciesOf('client')),
    );

    testLocalModule(() => project);
    testLocalServe(() => project);
  });

  test('without the package that evaluates policies does not start, except with --no-authorization', () => {
    rmSync(join(project, 'node_modules', '@cloud-copilot'), { recursive: true });
    const start = ['node_modules/@cdk-share-vault/local/bin/share-vault-local.cjs', 'start'];

    expect(() => runIn(project, start)).toThrow('npm install --save-dev @cloud-copilot/iam-simulate');
    expect(runIn(project, [...start, '--no-authorization'])).toContain(
      'no authorization │ Every result is as expected.',
    );
  });
});

testWalletBackend(async () => ({
  '@cdk-share-vault/constructs': packConstructs(),
  '@cdk-share-vault/client': await packClient(),
  '@cdk-share-vault/local': await packLocal(),
}));
