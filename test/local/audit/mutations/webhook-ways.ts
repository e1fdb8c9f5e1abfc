import { drop, remove, set } from '../../../support/mutate';
import type { Defect } from './defect';

const FUNCTION = 'VaultWebhookFunction';
const VARIABLES = ['Properties', 'Environment', 'Variables'] as const;
const PATTERN = ['Properties', 'EventPattern', 'detail'] as const;

/** Defects of the parameters that name the webhook's keys, secret and API, and of the rules that watch them. */
export const WEBHOOK_WAY_DEFECTS: readonly Defect[] = [
  {
    defect: 'the function is told of another webhook key',
    mutation: set(FUNCTION, [...VARIABLES, 'SHARE_VAULT_WEBHOOK_KEYS'], '{"webhook-1":"arn:aws:kms:::key/1"}'),
    caughtBy: { receiveHasOwnKeysAndSecret: [FUNCTION] },
  },
  {
    defect: 'the function is told of another signing secret',
    mutation: set(FUNCTION, [...VARIABLES, 'SHARE_VAULT_WEBHOOK_SECRET_ARN'], {
      'Fn::GetAtt': ['VaultDatabaseCluster5B53A178', 'MasterUserSecret.SecretArn'],
    }),
    caughtBy: { receiveHasOwnKeysAndSecret: [FUNCTION] },
  },
  {
    defect: 'senders are led to another key',
    mutation: set('VaultKeyswebhookwebhook1Parameter', ['Properties', 'Value'], 'arn:aws:kms:::key/1'),
    caughtBy: { parametersHaveOwnValues: ['VaultKeyswebhookwebhook1Parameter'] },
  },
  {
    defect: 'the signing secret is filled elsewhere',
    mutation: set('VaultWebhookSecret', ['Properties', 'Value'], 'arn:aws:secretsmanager:::secret:other'),
    caughtBy: { parametersHaveOwnValues: ['VaultWebhookSecret'] },
  },
  {
    defect: 'callers are led to another alias',
    mutation: set('VaultActorbackendunseal', ['Properties', 'Value'], 'arn:aws:lambda:::function:other:backend'),
    caughtBy: { parametersHaveOwnValues: ['VaultActorbackendunseal'] },
  },
  {
    defect: 'the webhook is not published',
    mutation: drop('VaultWebhookUrl'),
    caughtBy: { parametersHaveOwnValues: ['AWS::SSM::Parameter'] },
  },
  {
    defect: "another API's changes are reported",
    mutation: set('VaultWatchChangesApiChanges', [...PATTERN, 'requestParameters', 'apiId'], ['a1b2c3']),
    caughtBy: { changeRulesHaveReviewedPatterns: ['VaultWatchChangesApiChanges'] },
  },
  {
    defect: "another secret's changes are reported",
    mutation: set('VaultWatchChangesSecretChanges', [...PATTERN, 'requestParameters', 'secretId'], ['other']),
    caughtBy: { changeRulesHaveReviewedPatterns: ['VaultWatchChangesSecretChanges'] },
  },
  {
    defect: 'the policy of one role is not watched',
    mutation: remove('VaultWatchChangesPolicyChanges', [...PATTERN, 'requestParameters', 'policyArn', 1]),
    caughtBy: { changeRulesHaveReviewedPatterns: ['VaultWatchChangesPolicyChanges'] },
  },
  {
    defect: 'parameters pointed elsewhere are not reported',
    mutation: remove('VaultWatchChangesParameterChanges', [...PATTERN, 'eventName', (name) => name === 'PutParameter']),
    caughtBy: { changesAreReported: ['VaultWatchChangesParameterChanges'] },
  },
  {
    defect: "another environment's parameters are reported",
    mutation: set('VaultWatchChangesParameterChanges', [...PATTERN, '$or'], []),
    caughtBy: { changeRulesHaveReviewedPatterns: ['VaultWatchChangesParameterChanges'] },
  },
  {
    defect: 'failing deliveries are alarmed from a million on',
    mutation: set('VaultWatchAlarmswebhookServerErrors', ['Properties', 'Threshold'], 1_000_000),
    caughtBy: { alarmsMeasureTheVault: ['VaultWatchAlarmswebhookServerErrors'] },
  },
  {
    defect: 'failing deliveries are alarmed of no API',
    mutation: remove('VaultWatchAlarmswebhookServerErrors', ['Properties', 'Dimensions']),
    caughtBy: { alarmsMeasureTheVault: ['VaultWatchAlarmswebhookServerErrors'] },
  },
  {
    defect: 'failing deliveries are not alarmed',
    mutation: drop('VaultWatchAlarmswebhookServerErrors'),
    caughtBy: { everythingIsAlarmed: ['VaultWatchAlarmswebhookServerErrors'] },
  },
  {
    defect: 'a new signing secret is not reported',
    mutation: remove('VaultWatchChangesSecretChanges', [
      ...['Properties', 'EventPattern', 'detail', 'eventName'],
      (name) => name === 'PutSecretValue',
    ]),
    caughtBy: { changesAreReported: ['VaultWatchChangesSecretChanges'] },
  },
  {
    defect: 'another way for deliveries is not reported',
    mutation: set('VaultWatchChangesApiChanges', ['Properties', 'State'], 'DISABLED'),
    caughtBy: { changesAreReported: ['VaultWatchChangesApiChanges'] },
  },
];
