import { beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { ShareVault } from '../../../../lib';
import { deployTemplate } from '../../../../local/emulator/deploy';
import { logFolder } from '../../../support/run';
import { cdkApp } from '../../../support/synth';
import { templateFile } from '../../../support/template-file';
import { assemblyOf } from './cloud-assembly';
import { BUNDLES } from './support';

function fileOf(content: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'share-vault-bad-')), 'Mine.template.json');
  writeFileSync(file, content);
  return file;
}

const Statement = [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }];
const AssumeRolePolicyDocument = { Version: '2012-10-17', Statement };
const Role = { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument } };
const runs = { Runtime: 'nodejs24.x', Handler: 'index.handler', Role: { 'Fn::GetAtt': ['Role', 'Arn'] } };
const inline = { ZipFile: 'exports.handler = async () => 1;' };
const lambda = (Properties: object) => ({ Type: 'AWS::Lambda::Function', Properties: { ...runs, ...Properties } });
const withFunction = (properties: object) => JSON.stringify({ Resources: { Role, Mine: lambda(properties) } });

describe('a template can’t be deployed, in one line that names the file and the logical id', () => {
  test.each([
    [
      'with an intrinsic that is unknown',
      withFunction({ Code: inline, Environment: { Variables: { A: { 'Fn::Cidr': ['10.0.0.0/8', 2, 8] } } } }),
      'Resources.Mine.Properties.Environment.Variables.A.Fn::Cidr: expected a supported intrinsic function, got a list',
    ],
    [
      'with a reference to nothing',
      withFunction({ Code: inline, KmsKeyArn: { 'Fn::GetAtt': ['Gone', 'Arn'] } }),
      'Resources.Mine.Properties.KmsKeyArn.Fn::GetAtt: expected the logical id of a resource, got Gone',
    ],
    [
      'with a function whose code is nowhere',
      withFunction({ Code: { S3Bucket: 'cdk-hnb659fds-assets-111122223333-us-east-1', S3Key: 'gone.zip' } }),
      "Resources.Mine.Properties.Code: expected a folder among the synth's assets, got none for gone.zip",
    ],
    [
      'with a function that sets variables that Lambda reserves',
      withFunction({ Code: inline, Environment: { Variables: { AWS_REGION: 'x', _HANDLER: 'y', TZ: 'UTC' } } }),
      'Mine: expected no environment variable that Lambda reserves, got AWS_REGION, _HANDLER',
    ],
    [
      'with a function whose variables are larger than Lambda allows',
      withFunction({ Code: inline, Environment: { Variables: { LARGE: 'x'.repeat(4_096) } } }),
      'Mine: expected environment variables of at most 4096 bytes, got 4108',
    ],
    ['that is no JSON', '{"Resources": ', 'expected JSON, as `cdk synth` writes it, got something else'],
    ['that is YAML', 'Resources:\n  Mine:\n    Type: AWS::KMS::Key\n', 'expected JSON, as `cdk synth` writes it, got something else'], // prettier-ignore
  ])('%s', async (_what, content, message) => {
    const template = fileOf(content);

    await expect(deployTemplate({ template, logDir: logFolder() })).rejects.toMatchObject({
      name: 'TemplateError',
      message: `${template}: ${message}`,
    });
  });

  test('with a trigger of a function that can’t run here', async () => {
    const Mine = lambda({ Code: inline, Runtime: 'python3.13' });
    const Trigger = { Type: 'Custom::Trigger', Properties: { HandlerArn: { Ref: 'Mine' } } };
    const template = fileOf(JSON.stringify({ Resources: { Role, Mine, Trigger } }));

    await expect(deployTemplate({ template, logDir: logFolder() })).rejects.toThrow(
      `${template}: Trigger: expected code of Mine that runs here, got other code`,
    );
  });

  test('an app with two clusters can’t be deployed, in one line that names both and the option to choose', async () => {
    const Cluster = { Type: 'AWS::RDS::DBCluster', Properties: { Engine: 'aurora-postgresql' } };
    const stack = { template: { Resources: { Cluster } } };
    const app = assemblyOf({ One: stack, Two: stack });

    await expect(deployTemplate({ app, logDir: logFolder() })).rejects.toMatchObject({
      name: 'TemplateError',
      message: `${app}: expected one database cluster, got 2: One/Cluster, Two/Cluster: choose with --stack NAME`,
    });
  });

  describe('of two vaults', () => {
    let template: string;
    beforeAll(() => {
      const app = cdkApp();
      const stack = new Stack(app, 'Mine');
      new ShareVault(stack, 'One', { environment: 'one', bundles: BUNDLES });
      new ShareVault(stack, 'Two', { environment: 'two', bundles: BUNDLES });
      template = templateFile(stack, app);
    });

    test('naming both', async () => {
      await expect(deployTemplate({ template, logDir: logFolder() })).rejects.toMatchObject({
        name: 'TemplateError',
        message: expect.stringMatching(
          /^\S+: expected one database cluster, got 2: OneDatabaseCluster\w+, TwoDatabaseCluster\w+$/,
        ),
      });
    });
  });
});
