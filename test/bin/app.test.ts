import { describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { readEnvironments } from '../../bin/environments';
import { VaultStack } from '../../bin/vault-stack';
import { ShareVault } from '../../lib/share-vault';
import { type Environment, environmentTemplate } from '../support/environment-template';
import { GOOGLE } from '../support/external-keys';
import { plain } from '../../local/audit/plain';
import { valuesOf } from '../support/resources';
import { cdkApp, fixtureBundles } from '../support/synth';

const privateKeys = { 'key-1': 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:dynamic/key-AbCdEf' };

function stackOf(context: object, app = cdkApp()): VaultStack {
  const [config] = readEnvironments(context);
  if (!config) throw new Error('expected an environment, got none');
  return new VaultStack(app, config, fixtureBundles());
}

function vaultOf(context: object): { readonly vault: ShareVault } {
  const vault = stackOf(context).node.findChild('Vault');
  if (!(vault instanceof ShareVault)) throw new Error('expected the vault of the stack, got something else');
  return { vault };
}

function templateOf(environment: Environment): Template {
  return Template.fromJSON({ ...environmentTemplate(environment) });
}

describe('the stack of an environment', () => {
  test('is named after the environment and protected from deletion only in prod', () => {
    expect(stackOf({ prod: {} })).toMatchObject({ stackName: 'ShareVault-prod', terminationProtection: true });
    expect(stackOf({ dev: {} })).toMatchObject({ stackName: 'ShareVault-dev', terminationProtection: false });
  });

  test('outputs the alarm topic and the values that consumers need', () => {
    const outputs = Object.keys(templateOf('dev').findOutputs('*'));

    expect(outputs).toEqual(
      expect.arrayContaining([
        'AlarmTopic',
        'ShareKey',
        'Parameters',
        'SealFunction',
        'UnsealFunction',
        'RevokeFunction',
        'PropertiesFunction',
        'AuditFunction',
        'FreezeFunction',
        'ThawFunction',
        'WebhookUrl',
        'WebhookSecret',
      ]),
    );
  });

  test('outputs the keys of senders, private keys too, for comparison with the parameters', () => {
    const template = Template.fromStack(stackOf({ dev: { webhook: { privateKeys } } }));

    expect(plain(template.findOutputs('*'))).toMatchObject({
      IntakeKeys: { Value: '{"intake-1":"${VaultKeysintakeintake1Key.Arn}"}' },
      WebhookKeys: { Value: `{"webhook-1":"\${VaultKeyswebhookwebhook1Key.Arn}","key-1":"${privateKeys['key-1']}"}` },
    });
  });

  test('has the named keys, and no webhook key in KMS if a private key replaces it', () => {
    const { vault } = vaultOf({ dev: { intakeKeyIds: ['a', 'b'], webhookKeyIds: [], webhook: { privateKeys } } });

    expect(vault.keys.intakeKeys.map(({ kid }) => kid)).toEqual(['a', 'b']);
    expect(vault.keys.webhookKeys).toEqual([]);
  });

  test('has no webhook by default, and with one uses the named private keys', () => {
    Template.fromStack(stackOf({ dev: {} })).resourceCountIs('AWS::ApiGatewayV2::Api', 0);
    Template.fromStack(stackOf({ dev: { webhook: { privateKeys } } })).hasResourceProperties('AWS::SSM::Parameter', {
      Name: '/share-vault/dev/keys/webhook/key-1',
      Value: privateKeys['key-1'],
    });
  });

  test.each(['dev', 'staging', 'prod'] as const)('%s has the actors of cdk.json', (environment) => {
    expect(valuesOf(templateOf(environment), 'AWS::Lambda::Alias', 'Name')).toEqual([
      'sweep',
      'backend',
      'backend',
      'backend',
      'backend',
      'auditor',
      'oncall',
      'security',
      'oncall',
      'security',
      'live',
      'run',
    ]);
  });

  test('has the keys, the body store and the way out of its configuration', () => {
    const otherKeys = [{ type: 'googleCloudKms', ...GOOGLE }];
    const bodyStore = { type: 'secretsManager', maxRecords: 1_000 };
    const template = Template.fromStack(stackOf({ dev: { otherKeys, bodyStore, egress: { type: 'firewall' } } }));
    const functions = JSON.stringify(template.findResources('AWS::Lambda::Function'));

    expect(functions).toContain('SHARE_VAULT_OTHER_KEYS');
    expect(functions).toContain(GOOGLE.key);
    expect(functions).toContain('SHARE_VAULT_BODY_STORE');
    template.resourceCountIs('AWS::NetworkFirewall::FirewallPolicy', 1);
  });

  test('subscribes a given address to the alarms', () => {
    Template.fromStack(stackOf({ dev: { alarmEmail: 'on-call@example.com' } })).hasResourceProperties(
      'AWS::SNS::Subscription',
      {
        Protocol: 'email',
        Endpoint: 'on-call@example.com',
      },
    );
  });

  test.each([
    ['not known', {}],
    ['known', { account: '111111111111', region: 'eu-west-1', availabilityZones: ['eu-west-1a', 'eu-west-1b'] }],
  ])('is synthesized without asking AWS for anything if its account and region are %s', (_what, prod) => {
    const app = cdkApp();
    stackOf({ prod }, app);

    expect(app.synth().manifest.missing).toBeUndefined();
  });

  test('uses the given zones', () => {
    const zones = { account: '111111111111', region: 'eu-west-1', availabilityZones: ['eu-west-1b', 'eu-west-1c'] };
    const template = Template.fromStack(stackOf({ prod: zones }));

    template.hasResourceProperties('AWS::EC2::Subnet', { AvailabilityZone: 'eu-west-1c' });
  });

  test('tags its resources with its environment', () => {
    templateOf('staging').hasResourceProperties('AWS::RDS::DBCluster', {
      Tags: Match.arrayWith([{ Key: 'share-vault:environment', Value: 'staging' }]),
    });
  });
});
