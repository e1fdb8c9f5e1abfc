import { describe, expect, test } from '@jest/globals';
import { STACK_SUFFIX, plain } from '../../local/audit/plain';
import { propertiesOf } from '../support/resources';
import { testVault } from '../support/vault';

const template = testVault({ webhook: {} }).template();

interface Rule {
  readonly EventPattern?: { readonly detail: { readonly resources?: { readonly ARN: readonly unknown[] } } };
  readonly Targets?: unknown;
}

function rule(name: string): Rule {
  return [...propertiesOf(template, 'AWS::Events::Rule', `VaultWatchChanges${name}`).values()][0] ?? {};
}

describe('changes to what guards the vault', () => {
  test.each([
    [
      'KeyChanges',
      [
        'DisableKey',
        'EnableKey',
        'ScheduleKeyDeletion',
        'CancelKeyDeletion',
        'PutKeyPolicy',
        'DisableKeyRotation',
        'UntagResource',
      ],
    ],
    ['KeyGrants', ['CreateGrant']],
    ['FunctionChanges', ['UpdateFunctionCode', 'UpdateAlias', 'AddPermission', 'CreateEventSourceMapping']],
    ['FunctionChanges', ['DeleteFunctionCodeSigningConfig', 'PutFunctionCodeSigningConfig']],
    ['ParameterChanges', ['PutParameter', 'DeleteParameter', 'DeleteParameters', 'LabelParameterVersion']],
    ['ApiChanges', ['Create', 'Delete', 'Import', 'Reimport', 'Update']],
    ['SecretChanges', ['PutSecretValue', 'DeleteSecret', 'PutResourcePolicy', 'UpdateSecretVersionStage']],
    ['SecretChanges', ['UntagResource']],
    ['RoleChanges', ['PutRolePolicy', 'AttachRolePolicy', 'UpdateAssumeRolePolicy', 'DeleteRole']],
    ['PolicyChanges', ['CreatePolicyVersion', 'SetDefaultPolicyVersion']],
  ])('are reported by the rule %s', (name, calls) => {
    const pattern = JSON.stringify(rule(name).EventPattern);

    expect(calls.filter((call) => !pattern.includes(`"${call}"`))).toEqual([]);
    expect(rule(name).Targets).toMatchObject([{ Arn: { Ref: expect.stringMatching(/^VaultWatchAlarmTopic/) } }]);
  });

  test('are watched on every key', () => {
    const watched = rule('KeyChanges').EventPattern?.detail.resources?.ARN;

    expect(watched).toHaveLength(Object.keys(template.findResources('AWS::KMS::Key')).length);
  });

  test('are watched on every parameter, by its name or its ARN, and if several are deleted at once', () => {
    const published = [{ wildcard: '*/share-vault/staging/*' }];

    expect(rule('ParameterChanges').EventPattern).toMatchObject({
      detail: { $or: [{ requestParameters: { name: published } }, { requestParameters: { names: published } }] },
    });
  });

  test('are reported for parameters without a webhook too', () => {
    const without = testVault().template();

    expect(propertiesOf(without, 'AWS::Events::Rule', 'VaultWatchChangesParameterChanges').size).toBe(1);
  });

  test('are reported for the API by any call that names it', () => {
    expect(rule('ApiChanges').EventPattern).toMatchObject({
      detail: { eventName: expect.arrayContaining([{ prefix: 'Create' }, { prefix: 'Update' }]) },
    });
  });

  test("are watched on the webhook's API and on its secret, by name, by ARN and by a part of that", () => {
    expect(plain(rule('ApiChanges').EventPattern)).toMatchObject({
      detail: { requestParameters: { apiId: ['${VaultWebhookApi}'] } },
    });
    expect(plain(rule('SecretChanges').EventPattern)).toMatchObject({
      detail: {
        requestParameters: {
          secretId: [{ wildcard: `*share-vault/staging/webhook-signing-secret-${STACK_SUFFIX}*` }],
        },
      },
    });
  });

  test("are watched on every function's role and policy", () => {
    const roles = JSON.stringify(plain(rule('RoleChanges').EventPattern));
    const rules = propertiesOf(template, 'AWS::Events::Rule', 'VaultWatchChangesPolicyChanges');
    const policies = JSON.stringify([...rules.values()].map(({ EventPattern }) => plain(EventPattern)));

    for (const name of [
      'Functionsseal',
      'Functionsunseal',
      'Functionsrevoke',
      'Functionsproperties',
      'Functionsaudit',
      'Functionsfreeze',
      'Functionsthaw',
      'WebhookFunction',
      'MigrationFunction',
      'DatabaseGuard',
    ]) {
      expect(roles).toContain(`\${Vault${name}Role}`);
      expect(policies).toContain(`\${Vault${name}RolePermissions}`);
    }
  });
});
