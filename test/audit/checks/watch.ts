import { isDeepStrictEqual } from 'node:util';
import { type Check, both, every, is, problems } from '../finding';
import { allows, denies } from '../policy';
import { at, list, ofType } from '../vault-template';

const ALARM = 'AWS::CloudWatch::Alarm';
const RULE = 'AWS::Events::Rule';
const TOPIC = 'AWS::SNS::Topic';
const OURS = '${VaultWatchAlarmTopic}';

/** An alarm that tells nobody is none. */
export const alarmsTellSomeone = both(
  every(ALARM, ['AlarmActions'], is([OURS])),
  every(ALARM, ['ActionsEnabled'], { expected: 'not false', holds: (value) => value !== false }),
);

const ALARMED = [
  ...['seal', 'unseal', 'revoke', 'properties', 'audit', 'receive', 'migrate'].flatMap((name) =>
    ['Errors', 'Throttles', 'Latency'].map((what) => `${name}${what}`),
  ),
  ...['unsealRefused', 'unsealTampered', 'unsealRate'],
  ...['webhookServerErrors', 'webhookClientErrors', 'webhookRefused', 'sweepFailed'],
  ...['databaseCpu', 'databaseCapacity', 'databaseConnections', 'databaseStorage', 'databaseFailedLogins'],
];

export const everythingIsAlarmed: Check = (template) => {
  const standing = ofType(template, ALARM).map(({ id }) => id);
  return ALARMED.map((name) => `VaultWatchAlarms${name}`)
    .filter((id) => !standing.includes(id))
    .map((resource) => ({ resource, problem: 'expected an alarm, got none' }));
};

/** Calls by which an administrator comes nearer to material, each under the rule that reports it. */
const REPORTED: Readonly<Record<string, readonly string[]>> = {
  VaultWatchChangesKeyChanges: ['DisableKey', 'DisableKeyRotation', 'PutKeyPolicy', 'ScheduleKeyDeletion'],
  VaultWatchChangesKeyGrants: ['CreateGrant'],
  VaultWatchChangesFunctionChanges: [
    'AddPermission',
    'CreateAlias',
    'UpdateAlias',
    'UpdateFunctionCode',
    'UpdateFunctionConfiguration',
  ],
  VaultWatchChangesApiChanges: ['CreateRoute', 'DeleteRoute', 'UpdateIntegration', 'UpdateRoute', 'UpdateStage'],
  VaultWatchChangesSecretChanges: ['DeleteSecret', 'PutResourcePolicy', 'PutSecretValue', 'UpdateSecretVersionStage'],
  VaultWatchChangesRoleChanges: [
    'AttachRolePolicy',
    'CreatePolicyVersion',
    'PutRolePolicy',
    'SetDefaultPolicyVersion',
    'UpdateAssumeRolePolicy',
  ],
};

/** CIS 5.7 and its kin. */
export const changesAreReported: Check = (template) =>
  Object.entries(REPORTED).flatMap(([id, calls]) => {
    const rule = ofType(template, RULE).find((each) => each.id === id)?.properties;
    const names = list(at(rule, 'EventPattern', 'detail', 'eventName')).map((name) => at(name, 'prefix') ?? name);
    const told = list(at(rule, 'Targets')).some((target) => at(target, 'Arn') === OURS);
    return [
      ...(at(rule, 'State') === 'ENABLED' && told ? [] : ['expected a rule that is on and tells someone, got none']),
      ...calls.filter((call) => !names.includes(call)).map((call) => `expected it to report ${call}, got it left out`),
    ].map((problem) => ({ resource: id, problem }));
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
