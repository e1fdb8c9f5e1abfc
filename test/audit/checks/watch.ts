import { isDeepStrictEqual } from 'node:util';
import { type Check, every, is, problems } from '../finding';
import { allows, denies } from '../policy';
import { STACK_SUFFIX } from '../../support/policies';
import { type VaultTemplate, at, list, members, ofType } from '../vault-template';

const RULE = 'AWS::Events::Rule';
const TOPIC = 'AWS::SNS::Topic';
const OURS = '${VaultWatchAlarmTopic}';

/** Calls by which an administrator comes nearer to material, each under the rule that reports it. */
const REPORTED: Readonly<Record<string, readonly string[]>> = {
  VaultWatchChangesKeyChanges: [
    'DeleteImportedKeyMaterial',
    'DisableKey',
    'DisableKeyRotation',
    'PutKeyPolicy',
    'ScheduleKeyDeletion',
    'UntagResource',
    'UpdateAlias',
  ],
  VaultWatchChangesKeyGrants: ['CreateGrant'],
  VaultWatchChangesFunctionChanges: [
    'AddPermission',
    'CreateAlias',
    'CreateEventSourceMapping',
    'CreateFunctionUrlConfig',
    'DeleteAlias',
    // a prefix of others: only by itself does it tell of the function
    'DeleteFunction20150331',
    'DeleteFunctionCodeSigningConfig',
    'PutFunctionCodeSigningConfig',
    'PutFunctionEventInvokeConfig',
    'RemovePermission',
    'UpdateAlias',
    'UpdateFunctionCode',
    'UpdateFunctionConfiguration',
    'UpdateFunctionEventInvokeConfig',
  ],
  VaultWatchChangesParameterChanges: [
    'DeleteParameter',
    'DeleteParameters',
    'LabelParameterVersion',
    'PutParameter',
    'UnlabelParameterVersion',
  ],
  VaultWatchChangesApiChanges: [
    'CreateAuthorizer',
    'CreateRoute',
    'DeleteRoute',
    'UpdateIntegration',
    'UpdateRoute',
    'UpdateStage',
  ],
  VaultWatchChangesSecretChanges: [
    'DeleteResourcePolicy',
    'DeleteSecret',
    'PutResourcePolicy',
    'PutSecretValue',
    'ReplicateSecretToRegions',
    'RotateSecret',
    'UntagResource',
    'UpdateSecret',
    'UpdateSecretVersionStage',
  ],
  VaultWatchChangesRoleChanges: [
    'AttachRolePolicy',
    'CreatePolicyVersion',
    'DeleteRole',
    'DeleteRolePermissionsBoundary',
    'DetachRolePolicy',
    'PutRolePolicy',
    'SetDefaultPolicyVersion',
    'UpdateAssumeRolePolicy',
  ],
};

/** CIS 5.7 and its kin. */
export const changesAreReported: Check = (template) =>
  Object.entries(REPORTED).flatMap(([id, calls]) => {
    const rule = ofType(template, RULE).find((each) => each.id === id)?.properties;
    const names = list(at(rule, 'EventPattern', 'detail', 'eventName'));
    const told = list(at(rule, 'Targets')).some((target) => at(target, 'Arn') === OURS);
    return [
      ...(at(rule, 'State') === 'ENABLED' && told ? [] : ['expected a rule that is on and tells someone, got none']),
      ...calls
        .filter((call) => !names.some((name) => matches(name, call)))
        .map((call) => `expected it to report ${call}, got it left out`),
    ].map((problem) => ({ resource: id, problem }));
  });

const KEYS = ['VaultKeysShareKey', 'VaultKeysintakeintake1Key', 'VaultKeyswebhookwebhook1Key'].map(
  (id) => `\${${id}.Arn}`,
);

const ROLES = [
  ...['seal', 'unseal', 'revoke', 'properties', 'audit'].map((name) => `VaultFunctions${name}Role`),
  'VaultWebhookFunctionRole',
  'VaultMigrationFunctionRole',
];

/** What each rule watches: one of another's would never speak. */
function watchedBy({ environment }: VaultTemplate): Readonly<Record<string, object>> {
  const published = [{ wildcard: `*/share-vault/${environment}/*` }];
  return {
    KeyChanges: { resources: { ARN: [...KEYS, '${VaultStorageKey.Arn}'] } },
    KeyGrants: { resources: { ARN: KEYS } },
    FunctionChanges: { requestParameters: { functionName: [{ wildcard: `*share-vault-${environment}-*` }] } },
    RoleChanges: {
      $or: [
        { requestParameters: { roleName: ROLES.map((role) => `\${${role}}`) } },
        { requestParameters: { policyArn: ROLES.map((role) => `\${${role}Permissions}`) } },
      ],
    },
    ParameterChanges: {
      $or: [{ requestParameters: { name: published } }, { requestParameters: { names: published } }],
    },
    ApiChanges: { requestParameters: { apiId: ['${VaultWebhookApi}'] } },
    SecretChanges: {
      requestParameters: {
        secretId: [{ wildcard: `*share-vault/${environment}/webhook-signing-secret-${STACK_SUFFIX}*` }],
      },
    },
  };
}

export const changesAreWatchedWhereTheyHappen: Check = (template) =>
  Object.entries(watchedBy(template)).flatMap(([name, watched]) => {
    const id = `VaultWatchChanges${name}`;
    const pattern = at(ofType(template, RULE).find((each) => each.id === id)?.properties, 'EventPattern');
    const found = Object.fromEntries(members(at(pattern, 'detail')).filter(([key]) => !key.startsWith('event')));
    return isDeepStrictEqual(found, watched)
      ? []
      : [{ resource: id, problem: `expected it to watch ${JSON.stringify(watched)}, got ${JSON.stringify(found)}` }];
  });

/** SNS.1. */
export const topicIsEncrypted = every(TOPIC, ['KmsMasterKeyId'], is('${VaultStorageKey.Arn}'));

export const topicTakesTlsAlone: Check = (template) =>
  problems(TOPIC, ofType(template, TOPIC), ({ id }) =>
    ofType(template, 'AWS::SNS::TopicPolicy')
      .flatMap(({ properties }) => denies(at(properties, 'PolicyDocument')))
      .some(
        ({ principals, resources, conditions }) =>
          isDeepStrictEqual([principals, resources], [['*'], [`\${${id}}`]]) &&
          isDeepStrictEqual(conditions, { Bool: { 'aws:SecureTransport': 'false' } }),
      )
      ? []
      : ['expected calls without TLS to be denied, got no such statement'],
  );

/** Forged alarms tire the ones who read them. */
export const topicNamesItsPublishers: Check = (template) =>
  ofType(template, 'AWS::SNS::TopicPolicy').flatMap(({ id, properties }) =>
    allows(at(properties, 'PolicyDocument'))
      .filter(
        ({ principals, conditions }) =>
          !principals.every((name) => /^Service:(cloudwatch|events)\.amazonaws\.com$/.test(name)) ||
          !isDeepStrictEqual(conditions, { StringEquals: { 'aws:SourceAccount': '${AWS::AccountId}' } }),
      )
      .map(({ principals }) => ({
        resource: id,
        problem: `expected the alarms of this account to publish, got ${principals.join()}`,
      })),
  );

function matches(name: unknown, call: string): boolean {
  const prefix = at(name, 'prefix');
  return typeof prefix === 'string' ? call.startsWith(prefix) : name === call;
}
