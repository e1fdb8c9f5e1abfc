import { copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { FileSystem } from 'aws-cdk-lib';
import { auditTemplate, type CodeHashes } from '../../../local/audit';
import { environmentTemplate } from '../../support/environment-template';
import { set } from '../../support/mutate';
import { at } from '../../../local/audit/checks/template';
import { fixtureBundles, HANDLERS } from '../../support/synth';

const OTHER = 'a'.repeat(64);
const CDK = join(require.resolve('aws-cdk-lib/package.json'), '..', 'custom-resource-handlers', 'dist');
const scratch = mkdtempSync(join(tmpdir(), 'share-vault-helpers-'));
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

/** Returns the hash of one of the CDK's own functions; the CDK puts each together out of two folders. */
function helper(...folder: readonly string[]): string {
  const staged = join(scratch, folder.join('-'));
  cpSync(join(CDK, ...folder), staged, { recursive: true });
  copyFileSync(join(CDK, 'core', 'nodejs-entrypoint-handler', 'index.js'), join(staged, '__entrypoint__.js'));
  return FileSystem.fingerprint(staged);
}

const HASHES: CodeHashes = {
  handlers: Object.fromEntries(HANDLERS.map((name) => [name, FileSystem.fingerprint(join(fixtureBundles(), name))])),
  helpers: [helper('triggers', 'lambda'), helper('aws-ec2', 'restrict-default-security-group-handler')],
};

const TEMPLATE = environmentTemplate('prod');
const findings = (template: unknown, codeHashes: CodeHashes = HASHES) =>
  auditTemplate(template, { environments: ['prod'], codeHashes }).map(({ path, property, got }) => [
    path,
    property,
    got,
  ]);

/** The vault's functions with an archive, by their logical ids without hashes. */
const FUNCTIONS = Object.entries(TEMPLATE.Resources)
  .filter(([, resource]) => at(resource, 'Properties', 'Code', 'S3Key') !== undefined)
  .map(([id]) => id.replace(/[0-9A-F]{8}$/, ''));

describe('the audit of a template whose archives of code are known', () => {
  test.each(['dev', 'staging', 'prod'] as const)('finds nothing in that of %s', (name) => {
    const template = environmentTemplate(name);

    expect(auditTemplate(template, { environments: [name], codeHashes: HASHES })).toEqual([]);
  });

  test.each(FUNCTIONS)('finds another archive of %s, which passes without the hashes', (id) => {
    const changed = set(id, ['Properties', 'Code', 'S3Key'], `${OTHER}.zip`)(TEMPLATE);

    expect(auditTemplate(changed)).toEqual([]);
    expect(findings(changed)).toEqual([[expect.any(String), 'Properties.Code', OTHER]]);
  });

  test("finds one function's archive in the place of another's", () => {
    const { unseal = '' } = HASHES.handlers;
    const changed = set('VaultFunctionsauditFunction', ['Properties', 'Code', 'S3Key'], `${unseal}.zip`)(TEMPLATE);

    expect(findings(changed)).toEqual([['Functions/audit/Function/Resource', 'Properties.Code', unseal]]);
  });

  test('finds another archive in a folder that has the name of the right one', () => {
    const key = `${String(HASHES.handlers.audit)}/${OTHER}.zip`;
    const changed = set('VaultFunctionsauditFunction', ['Properties', 'Code', 'S3Key'], key)(TEMPLATE);

    expect(findings(changed)).toEqual([['Functions/audit/Function/Resource', 'Properties.Code', expect.any(String)]]);
  });

  test('finds a function whose hash is not given', () => {
    const { unseal: _, ...handlers } = HASHES.handlers;

    expect(findings(TEMPLATE, { ...HASHES, handlers })).toEqual([
      ['Functions/unseal/Function/Resource', 'Properties.Code', HASHES.handlers.unseal],
    ]);
  });
});
