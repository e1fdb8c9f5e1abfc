import { isDeepStrictEqual } from 'node:util';
import { type Check, every, is, problems } from './finding';
import { allows, denies } from './statements';
import { STACK_SUFFIX } from '../plain';
import { changeRules } from './change-rules';
import { hasReseal, machineArn } from './reseal';
import { restoreMachineArn, testsRestores } from './restore-testing';
import { REPORTED } from './reviewed/changes';
import { BUCKET, hasBucket } from './tombstones';
import { type VaultTemplate, at, list, members, ofType } from './template';

const RULE = 'AWS::Events::Rule';
const TOPIC = 'AWS::SNS::Topic';
const OURS = '${VaultWatchAlarmTopic}';

/** CIS 5.7 and the controls like it. */
export const changesAreReported: Check = (template) =>
  changeRules(template).flatMap((id) => {
    const rule = ofType(template, RULE).find((each) => each.id === id)?.properties;
    const names = list(at(rule, 'EventPattern', 'detail', 'eventName'));
    const notifies = list(at(rule, 'Targets')).some((target) => at(target, 'Arn') === OURS);
    return [
      ...(at(rule, 'State') === 'ENABLED' && notifies
        ? []
        : ['expected a rule that is on and tells someone, got none']),
      ...(REPORTED[id] ?? [])
        .filter((call) => !names.some((name) => matches(name, call)))
        .map((call) => `expected it to report ${call}, got it left out`),
    ].map((problem) => ({ resource: id, problem }));
  });

const KEYS = ['VaultKeysShareKey', 'VaultKeysintakeintake1Key', 'VaultKeyswebhookwebhook1Key'].map(
  (id) => `\${${id}.Arn}`,
);

const ROLES = [
  ...['seal', 'unseal', 'revoke', 'properties', 'audit', 'freeze', 'thaw'].map((name) => `VaultFunctions${name}Role`),
  'VaultWebhookFunctionRole',
  'VaultMigrationFunctionRole',
  'VaultResealFunctionRole',
  'VaultResealRole',
  'VaultResealStartRole',
  'VaultRestoreTestingFunctionRole',
  'VaultRestoreTestingMachineRole',
  'VaultRestoreTestingStartRole',
  'VaultDatabaseGuardRole',
];
/** Policies in one rule. */
const POLICIES = 7;

/** Returns the resources that each rule watches. */
function watchedBy(template: VaultTemplate): Readonly<Record<string, object>> {
  const { environment } = template;
  const reseals = hasReseal(template);
  const tests = testsRestores(template);
  const roles = ROLES.filter((role) => reseals || !role.startsWith('VaultReseal')).filter(
    (role) => tests || !role.startsWith('VaultRestoreTesting'),
  );
  const policies = roles.map((role) => `\${${role}Permissions}`);
  const published = [{ wildcard: `*/share-vault/${environment}/*` }];
  return {
    KeyChanges: { resources: { ARN: [...KEYS, '${VaultStorageKey.Arn}'] } },
    KeyGrants: { resources: { ARN: KEYS } },
    FunctionChanges: { requestParameters: { functionName: [{ wildcard: `*share-vault-${environment}-*` }] } },
    RoleChanges: { requestParameters: { roleName: roles.map((role) => `\${${role}}`) } },
    PolicyChanges: { requestParameters: { policyArn: policies.slice(0, POLICIES) } },
    PolicyChanges2: { requestParameters: { policyArn: policies.slice(POLICIES) } },
    ...(hasBucket(template) && { BucketChanges: { requestParameters: { bucketName: [`\${${BUCKET}}`] } } }),
    ...(tests && { RestoreTestChanges: { requestParameters: { stateMachineArn: [restoreMachineArn(template)] } } }),
    ...(reseals && { ResealChanges: { requestParameters: { stateMachineArn: [machineArn(template)] } } }),
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

export const changeRulesHaveReviewedPatterns: Check = (template) =>
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

/** The publishers with their conditions: EventBridge sends no condition key, so a condition would drop its messages. */
const PUBLISHERS: Readonly<Record<string, unknown>> = {
  'Service:cloudwatch.amazonaws.com': { StringEquals: { 'aws:SourceAccount': '${AWS::AccountId}' } },
  'Service:events.amazonaws.com': undefined,
};

export const topicNamesItsPublishers: Check = (template) =>
  ofType(template, 'AWS::SNS::TopicPolicy').flatMap(({ id, properties }) => {
    const allowed = allows(at(properties, 'PolicyDocument')).flatMap(({ principals, conditions }) =>
      principals.map((principal) => ({ principal, conditions })),
    );
    const problems = [
      ...allowed
        .filter(({ principal, conditions }) => !isReviewed(principal, conditions))
        .map(({ principal }) => `expected a reviewed publisher under its conditions, got ${principal}`),
      ...Object.keys(PUBLISHERS)
        .filter((name) => !allowed.some(({ principal }) => principal === name))
        .map((name) => `expected ${name} to publish, got no such statement`),
    ];
    return problems.map((problem) => ({ resource: id, problem }));
  });

function isReviewed(principal: string, conditions: unknown): boolean {
  return principal in PUBLISHERS && isDeepStrictEqual(conditions, PUBLISHERS[principal]);
}

function matches(name: unknown, call: string): boolean {
  const prefix = at(name, 'prefix');
  return typeof prefix === 'string' ? call.startsWith(prefix) : name === call;
}
