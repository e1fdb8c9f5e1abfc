import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import {
  LANGUAGES,
  generateSources,
  makePythonPackage,
  missingForPython,
  runPython,
} from '../../../../tools/build/languages';
import { blocksOf } from '../../documents/blocks';
import { MaterialKind, Operation, ShareVault } from '../../../../lib';

/** The app of docs/deploy.md. */
const APP = blocksOf('docs/deploy.md').find(({ language }) => language === 'python')?.text ?? '';

const MODULES = ['setuptools', 'jsii', 'aws_cdk', 'constructs'];
const missing = missingForPython(MODULES);
const ifPythonRuns = missing === undefined ? test : test.skip;
const ifSetuptools = missingForPython(['setuptools']) === undefined ? test : test.skip;

/** Tests the generated packages of other languages. The constructs have to be built before. */
export function testLanguages(): void {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'share-vault-languages-'));
    generateSources(folder);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(LANGUAGES)('has sources for %s that declare the construct ShareVault', (language) => {
    const files = readdirSync(join(folder, language), { recursive: true, encoding: 'utf8' });
    const sources = files.filter((file) => /\.(py|java|cs|go)$/.test(file)).map((file) => join(folder, language, file));

    expect(
      sources.some((file) => /class ShareVault\b|type ShareVault interface/.test(readFileSync(file, 'utf8'))),
    ).toBe(true);
  });

  ifSetuptools('is packed for Python with the handlers inside, and every module of it compiles', () => {
    const made = makePythonPackage(join(folder, 'python'), join(folder, 'packed'));
    if ('missing' in made) throw new Error(`expected a package, got none: ${made.missing}`);
    const unpacked = join(folder, 'unpacked');
    mkdirSync(unpacked);
    execFileSync('tar', ['-xzf', made.file, '-C', unpacked, '--strip-components=1']);
    const [bundled = ''] = readdirSync(join(unpacked, 'src', 'cdk_share_vault', '_jsii')).filter((name) =>
      name.endsWith('.tgz'),
    );
    const files = execFileSync('tar', ['-tzf', join(unpacked, 'src', 'cdk_share_vault', '_jsii', bundled)], {
      encoding: 'utf8',
    });

    expect(files).toContain('package/dist/lambda/unseal/index.mjs');
    expect(runPython(['-m', 'compileall', '-q', join(unpacked, 'src')])).toMatchObject({ status: 0 });
  });

  ifPythonRuns('synthesizes in Python the template that the same app in TypeScript has', () => {
    const python = join(folder, 'app');
    mkdirSync(python);
    writeFileSync(join(python, 'app.py'), APP);
    const paths = [join(folder, 'python', 'src'), process.env.PYTHONPATH ?? ''].filter((path) => path !== '');
    const ran = runPython(['app.py'], python, { PYTHONPATH: paths.join(':'), CDK_OUTDIR: join(python, 'cdk.out') });
    expect(ran.stderr).toBe('');
    const app = new App({ outdir: join(folder, 'typescript') });
    const vault = new ShareVault(new Stack(app, 'Wallets'), 'Vault', { environment: 'dev', webhook: {} });
    vault.addActor('signer', { kinds: [MaterialKind.DELEGATED_SHARE], operations: [Operation.UNSEAL] });
    const template: unknown = app.synth().getStackByName('Wallets').template;

    const file = join(python, 'cdk.out', 'Wallets.template.json');
    expect(existsSync(file)).toBe(true);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(template);
  });

  test('says which Python modules are missing if the Python app was not synthesized here', () => {
    if (missing !== undefined)
      process.stderr.write(`  the Python app was not synthesized: expected ${missing}, got none\n`);

    expect(missingForPython(['json', 'no_such_module'])).toBe('the Python modules no_such_module');
  });
}
