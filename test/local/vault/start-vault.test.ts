import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startVault } from '../../../local/vault';
import { shippedBundles } from '../../../local/vault/shipped';
import { logFolder } from '../../support/run';
import { freshData, vaultTemplate } from '../../support/vault-template';

/** A function that uses another template's vault. */
const CONSUMER = {
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] } },
  },
  Consumer: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Environment: { Variables: { SHARE_VAULT_ENVIRONMENT: 'elsewhere' } },
      Code: { ZipFile: 'exports.handler = async () => {};' },
    },
  },
};

function templateOf(Resources: object): string {
  const file = join(mkdtempSync(join(tmpdir(), 'start-')), 'Mine.template.json');
  writeFileSync(file, JSON.stringify({ Resources }));
  return file;
}

describe('startVault refuses a template', () => {
  test.each([
    ['without resources', {}],
    ['that only uses another vault', CONSUMER],
  ])('%s', async (_of, resources) => {
    const started = startVault({ template: templateOf(resources), logDir: logFolder() });

    await expect(started).rejects.toThrow('expected a template that holds a vault, got one without');
  });

  test('without a webhook that can run here', async () => {
    const template = vaultTemplate('prompt');
    const amend = (json: object): void => {
      const { Resources } = json as { Resources: Record<string, { Type: string; Properties: object }> };
      const routes = Object.values(Resources).filter(({ Type }) => Type.endsWith('::Route'));
      for (const { Properties } of routes) Object.assign(Properties, { AuthorizationType: 'AWS_IAM' });
    };

    const started = startVault({ template, amend, bundles: shippedBundles(), dataDir: await freshData(template), logDir: logFolder() }); // prettier-ignore

    await expect(started).rejects.toThrow('expected a vault with a webhook and its keys in KMS, got one without');
  });
});
