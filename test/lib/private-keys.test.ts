import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { ENV } from '../../lambda/contract/variables';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import { plain } from '../../local/audit/plain';
import { propertiesOf } from '../support/resources';
import { allowing, statementsOf } from '../support/statements';
import { testStack } from '../support/synth';
import { testVault } from '../support/vault';

const ROLE = 'VaultWebhookFunctionRole';
const OWN_KEY = 'arn:aws:kms:eu-west-1:111111111111:key/1';
const secretArn = (name: string) => `arn:aws:secretsmanager:eu-west-1:111111111111:secret:${name}-AbCdEf`;

function existing(stack: Stack, name = 'old') {
  return secretsmanager.Secret.fromSecretCompleteArn(stack, name, secretArn(name));
}

function vaultWith(
  privateKeys: Readonly<Record<string, secretsmanager.ISecret>>,
  props: Partial<ShareVaultProps> = {},
) {
  const [secret] = Object.values(privateKeys);
  return testVault({ webhook: { privateKeys }, ...props }, secret ? Stack.of(secret) : testStack());
}

describe('an existing private key', () => {
  test('joins the keys in KMS, and its name leads to its secret', () => {
    const template = vaultWith({ 'key-0': existing(testStack()) }).template();
    const [receive] = propertiesOf(template, 'AWS::Lambda::Function', 'VaultWebhook').values();

    expect(plain(receive?.Environment)).toMatchObject({
      Variables: {
        [ENV.webhookKeys]: `{"webhook-1":"\${VaultKeyswebhookwebhook1Key.Arn}","key-0":"${secretArn('old')}"}`,
      },
    });
    template.hasResourceProperties('AWS::SSM::Parameter', {
      Name: '/share-vault/staging/keys/webhook/key-0',
      Value: secretArn('old'),
    });
  });

  test('can be the only webhook key', () => {
    const { vault, template } = vaultWith({ 'key-0': existing(testStack()) }, { webhookKeyIds: [] });

    expect(vault.keys.webhookKeys).toEqual([]);
    expect(Object.keys(template().findResources('AWS::KMS::Key')).filter((id) => id.includes('webhook'))).toEqual([]);
    // a statement without a resource would be refused at deploy
    expect(statementsOf(template(), 'AWS::EC2::VPCEndpoint').filter(({ Resource }) => !Resource)).toEqual([]);
  });

  test('is readable only by receive, with the signing secret and nothing more', () => {
    const template = vaultWith({ 'key-0': existing(testStack()) }).template();
    const readers = Object.keys(template.findResources('AWS::IAM::ManagedPolicy')).flatMap((id) =>
      allowing(statementsOf(template, 'AWS::IAM::ManagedPolicy', id), 'secretsmanager:GetSecretValue').map(
        ({ Resource }) => [id.replace(/Permissions[0-9A-F]{8}$/, ''), Resource],
      ),
    );

    expect(readers).toEqual([
      ['VaultMigrationFunctionRole', '${VaultDatabaseCluster.MasterUserSecret.SecretArn}'],
      [ROLE, [secretArn('old'), '${VaultWebhookSigningSecret}']],
    ]);
    expect(
      statementsOf(template, 'AWS::EC2::VPCEndpoint', 'VaultNetworkEndpointsecretsmanager').filter(({ Resource }) =>
        JSON.stringify(Resource).includes('secret:old'),
      ),
    ).toMatchObject([{ Condition: { ArnEquals: { 'aws:PrincipalArn': [`\${${ROLE}.Arn}`] } } }]);
  });

  test('under a key of its own is decrypted only through Secrets Manager, for that secret', () => {
    const stack = testStack();
    const secret = secretsmanager.Secret.fromSecretAttributes(stack, 'Old', {
      secretCompleteArn: secretArn('old'),
      encryptionKey: kms.Key.fromKeyArn(stack, 'Own', OWN_KEY),
    });
    const statements = statementsOf(vaultWith({ 'key-0': secret }).template(), 'AWS::IAM::ManagedPolicy', ROLE);

    expect(allowing(statements, 'kms:Decrypt').filter(({ Resource }) => Resource === OWN_KEY)).toEqual([
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: OWN_KEY,
        Condition: {
          StringEquals: {
            'kms:EncryptionContext:SecretARN': secretArn('old'),
            'kms:ViaService': 'secretsmanager.${AWS::Region}.amazonaws.com',
          },
        },
      },
    ]);
    // Secrets Manager uses it for the role, so the denial of keys outside the function can't cover it
    expect(statements.find(({ Sid }) => Sid === 'DenyKeyUseUnlessOwnFunction')?.NotResource).toEqual([
      '${VaultStorageKey.Arn}',
      OWN_KEY,
    ]);
  });

  test.each(['old', 'older'])('is watched for changes, %s too', (name) => {
    const stack = testStack();
    const made = vaultWith({ 'key-0': existing(stack), 'key-1': existing(stack, 'older') }).template();
    const [rule] = propertiesOf(made, 'AWS::Events::Rule', 'VaultWatchChangesSecretChanges').values();

    expect(rule?.EventPattern).toMatchObject({
      detail: { requestParameters: { secretId: expect.arrayContaining([{ wildcard: `*${name}*` }]) } },
    });
  });

  test.each([
    ['beside three keys in KMS', ['a', 'b', 'c'], 'key-0', 'expected 1 to 3 different names, got 4'],
    ['under the name of one in KMS', ['a'], 'a', 'expected 1 to 3 different names, got "a" twice'],
    [
      'under a name that no header could say',
      ['a'],
      'a b',
      'webhookKeyIds and privateKeys: expected 1 to 64 letters, digits and _.-, got "a b"',
    ],
  ])('%s is refused', (_what, webhookKeyIds, kid, message) => {
    expect(() => vaultWith({ [kid]: existing(testStack()) }, { webhookKeyIds })).toThrow(message);
  });

  test('of another region is refused if both are known', () => {
    const stack = testStack({ env: { account: '111111111111', region: 'eu-central-1' } });

    expect(() => vaultWith({ 'key-0': existing(stack) })).toThrow(
      'privateKeys: expected a secret of eu-central-1 for key-0, got one of eu-west-1',
    );
  });

  test('of the same region is taken', () => {
    const stack = testStack({ env: { account: '111111111111', region: 'eu-west-1' } });

    expect(() => vaultWith({ 'key-0': existing(stack) })).not.toThrow();
  });

  test('under two names is refused', () => {
    const secret = existing(testStack());

    expect(() => vaultWith({ 'key-0': secret, 'key-1': secret })).toThrow(
      'privateKeys: expected a secret for each name, got the same one for key-0 and key-1',
    );
  });

  test('whose complete ARN is not known is refused, for policies could not name it', () => {
    const secret = secretsmanager.Secret.fromSecretNameV2(testStack(), 'Named', 'old');

    expect(() => vaultWith({ 'key-0': secret })).toThrow(
      'privateKeys: expected a secret with a known complete ARN for key-0, got Test/Named',
    );
  });

  test('is required if there is no key in KMS', () => {
    expect(() => vaultWith({}, { webhookKeyIds: [] })).toThrow('webhookKeyIds: expected 1 to 3 different names, got 0');
  });
});
