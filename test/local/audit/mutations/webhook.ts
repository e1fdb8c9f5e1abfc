import { add, append, drop, remove, set } from '../../../support/mutate';
import { type Defect, KEY_POLICY, POLICY, allowing, sid } from './defect';

const ROLE = 'VaultWebhookFunctionRole';
const RECEIVE = `${ROLE}Permissions`;
const FUNCTION = 'VaultWebhookFunction';
const API = 'VaultWebhookApi';
const INTEGRATION = 'VaultWebhookApiPOSTwebhooksdynamicReceive';
const STAGE = 'VaultWebhookStage';
const SECRET = 'VaultWebhookSigningSecret';
const PERMISSION = 'VaultWebhookFunctionPermissionlive';
const SWEEP = 'VaultMigrationSweep';
const SWEEP_PERMISSION = 'VaultMigrationPermissionsweep';
const WEBHOOK_KEY = 'VaultKeyswebhookwebhook1Key';
const UNSEAL = 'VaultFunctionsunsealRole';
const VARIABLES = ['Properties', 'Environment', 'Variables'] as const;
const readSecret = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: { Ref: 'VaultWebhookSigningSecret3AD68087' } }; // prettier-ignore
const arnOf = (role: string) => ({ 'Fn::GetAtt': [`${role}00000000`, 'Arn'] });

/** Defects of the webhook's API, function, role and secret, and of the schedule. */
export const WEBHOOK_DEFECTS: readonly Defect[] = [
  {
    defect: 'the route is not throttled',
    mutation: remove(STAGE, ['Properties', 'DefaultRouteSettings']),
    caughtBy: { deliveriesAreThrottled: [STAGE, STAGE] },
  },
  {
    defect: 'the route is throttled at nothing',
    mutation: set(STAGE, ['Properties', 'DefaultRouteSettings', 'ThrottlingRateLimit'], 10_000),
    caughtBy: { deliveriesAreThrottled: [STAGE] },
  },
  {
    defect: 'the access log is missing',
    mutation: remove(STAGE, ['Properties', 'AccessLogSettings']),
    caughtBy: { deliveriesAreLogged: [STAGE, STAGE] },
  },
  {
    defect: 'the access log holds a header',
    mutation: set(
      STAGE,
      ['Properties', 'AccessLogSettings', 'Format'],
      '{"signature":"$request.header.x-dynamic-signature-256"}',
    ),
    caughtBy: { deliveriesAreLogged: [STAGE] },
  },
  {
    defect: 'the access log is not encrypted',
    mutation: remove('VaultWebhookAccessLog', ['Properties', 'KmsKeyId']),
    caughtBy: { logsAreEncrypted: ['VaultWebhookAccessLog'] },
  },
  {
    defect: 'every path leads to the function',
    mutation: add('Route', 'AWS::ApiGatewayV2::Route', { RouteKey: '$default' }),
    caughtBy: { webhookHasOneRoute: ['Route', 'Route', 'Route'] },
  },
  {
    defect: 'the route leads nowhere',
    mutation: remove(`${API}POSTwebhooksdynamic`, ['Properties', 'Target']),
    caughtBy: { webhookHasOneRoute: [`${API}POSTwebhooksdynamic`] },
  },
  {
    defect: 'there is a second API',
    mutation: add('Api', 'AWS::ApiGatewayV2::Api', { ProtocolType: 'HTTP' }),
    caughtBy: { webhookHasOneRoute: ['Api'] },
  },
  {
    defect: 'the route has a throttle of its own',
    mutation: set(STAGE, ['Properties', 'RouteSettings'], {
      'POST /webhooks/dynamic': { ThrottlingRateLimit: 10_000 },
    }),
    caughtBy: { deliveriesAreThrottled: [STAGE] },
  },
  {
    defect: 'the API says itself what the signature is',
    mutation: set(INTEGRATION, ['Properties', 'RequestParameters'], {
      'overwrite:header.x-dynamic-signature-256': 'sha256=00',
    }),
    caughtBy: { deliveriesGoToTheAlias: [INTEGRATION] },
  },
  {
    defect: 'everyone may read the signing secret',
    mutation: add('Policy', 'AWS::SecretsManager::ResourcePolicy', {
      SecretId: { Ref: 'VaultWebhookSigningSecret3AD68087' },
      ResourcePolicy: {
        Statement: [{ Effect: 'Allow', Principal: '*', Action: 'secretsmanager:GetSecretValue', Resource: '*' }],
      },
    }),
    caughtBy: { secretsOpenNoOtherWay: ['Policy'] },
  },
  {
    defect: 'the signing secret is copied to another region',
    mutation: set(SECRET, ['Properties', 'ReplicaRegions'], [{ Region: 'eu-west-1' }]),
    caughtBy: { secretsOpenNoOtherWay: [SECRET] },
  },
  {
    defect: 'a route of another account may deliver',
    mutation: set(
      PERMISSION,
      ['Properties', 'SourceArn'],
      'arn:aws:execute-api:eu-central-1:210987654321:a1b2c3/*/POST/webhooks/dynamic',
    ),
    caughtBy: { permissionsNameTheirCaller: [PERMISSION] },
  },
  {
    defect: 'a delivery has to say its account, which not every service sends',
    mutation: set(PERMISSION, ['Properties', 'SourceAccount'], { Ref: 'AWS::AccountId' }),
    caughtBy: { permissionsNameTheirCaller: [PERMISSION] },
  },
  {
    defect: 'pages of a browser may post',
    mutation: set(API, ['Properties', 'CorsConfiguration'], { AllowOrigins: ['*'] }),
    caughtBy: { webhookHasOneRoute: [API] },
  },
  {
    defect: 'any API may deliver',
    mutation: remove(PERMISSION, ['Properties', 'SourceArn']),
    caughtBy: { permissionsNameTheirCaller: [PERMISSION] },
  },
  {
    defect: 'any route of any API of the account may deliver',
    mutation: set(PERMISSION, ['Properties', 'SourceArn'], 'arn:aws:execute-api:eu-central-1:123456789012:*'),
    caughtBy: { permissionsNameTheirCaller: [PERMISSION] },
  },
  {
    defect: 'deliveries may come to the code under work',
    mutation: set(PERMISSION, ['Properties', 'FunctionName'], { Ref: 'VaultWebhookFunction9017A705' }),
    caughtBy: { permissionsNameAnAlias: [PERMISSION], permissionsNameTheirCaller: [PERMISSION] },
  },
  {
    defect: 'deliveries go to whatever is newest',
    mutation: set(INTEGRATION, ['Properties', 'IntegrationUri'], { 'Fn::GetAtt': ['VaultWebhookFunction9017A705', 'Arn'] }), // prettier-ignore
    caughtBy: { deliveriesGoToTheAlias: [INTEGRATION] },
  },
  {
    defect: 'deliveries come in another format',
    mutation: set(INTEGRATION, ['Properties', 'PayloadFormatVersion'], '1.0'),
    caughtBy: { deliveriesGoToTheAlias: [INTEGRATION] },
  },
  {
    defect: 'the signing secret is made up',
    mutation: set(SECRET, ['Properties', 'GenerateSecretString'], {}),
    caughtBy: { secretsBeginEmpty: [SECRET] },
  },
  {
    defect: "the signing secret is under AWS's key",
    mutation: remove(SECRET, ['Properties', 'KmsKeyId']),
    caughtBy: { secretsHaveTheOwnKey: [SECRET] },
  },
  {
    defect: 'the signing secret goes with its stack',
    mutation: set(SECRET, ['DeletionPolicy'], 'Delete'),
    caughtBy: { stateIsRetained: [SECRET] },
  },
  {
    defect: 'another function reads the signing secret',
    mutation: append(`${UNSEAL}Permissions`, POLICY, readSecret),
    caughtBy: { rolesMayNoMore: [UNSEAL] },
  },
  {
    defect: 'the receive function reads every secret',
    mutation: set(RECEIVE, [...POLICY, allowing('secretsmanager:GetSecretValue'), 'Resource'], '*'),
    caughtBy: { rolesMayNoMore: [ROLE], rolesMayNoLess: [ROLE] },
  },
  {
    defect: 'the receive function opens whatever is stored',
    mutation: remove(RECEIVE, [...POLICY, (statement) => JSON.stringify(statement).includes('SecretARN'), 'Condition']),
    caughtBy: { storedSecretOpensThroughItsService: [RECEIVE] },
  },
  {
    defect: 'the webhook key opens under any algorithm',
    mutation: remove(WEBHOOK_KEY, [...KEY_POLICY, sid('AllowDecrypt'), 'Condition']),
    caughtBy: { transportKeysFixTheAlgorithm: [WEBHOOK_KEY], administrationIsNoUse: [WEBHOOK_KEY] },
  },
  {
    defect: 'the receive function opens what it sealed',
    mutation: append('VaultKeysShareKey', [...KEY_POLICY, sid('AllowUnseal'), 'Principal', 'AWS'], arnOf(ROLE)),
    caughtBy: { keysServeTheirRoles: ['VaultKeysShareKey'] },
  },
  {
    defect: 'the seal function opens deliveries',
    mutation: append(
      WEBHOOK_KEY,
      [...KEY_POLICY, sid('AllowDecrypt'), 'Principal', 'AWS'],
      arnOf('VaultFunctionssealRole'),
    ),
    caughtBy: { keysServeTheirRoles: [WEBHOOK_KEY] },
  },
  {
    defect: 'the receive function logs in as another user than it may be',
    mutation: set(FUNCTION, [...VARIABLES, 'SHARE_VAULT_DB_USER'], 'vault_sealer'),
    caughtBy: { functionsLogInAsTheirUser: [FUNCTION] },
  },
  {
    defect: 'the credentials of the receive function open deliveries anywhere',
    mutation: remove(RECEIVE, [...POLICY, sid('DenyKeyUseUnlessOwnFunction')]),
    caughtBy: { rolesUseKeysInTheirFunction: [ROLE] },
  },
  {
    defect: 'the budget is longer than the API waits',
    mutation: set(FUNCTION, [...VARIABLES, 'SHARE_VAULT_WEBHOOK_BUDGET_MS'], '31000'),
    caughtBy: { webhookAnswersInTime: [FUNCTION, FUNCTION] },
  },
  {
    defect: 'Lambda ends the function before its answer',
    mutation: set(FUNCTION, ['Properties', 'Timeout'], 3),
    caughtBy: { webhookAnswersInTime: [FUNCTION] },
  },
  {
    defect: 'the schedule of the sweep is missing',
    mutation: drop(SWEEP),
    caughtBy: { sweepRunsDaily: [SWEEP, SWEEP, SWEEP] },
  },
  {
    defect: 'the sweep runs once a year',
    mutation: set(SWEEP, ['Properties', 'ScheduleExpression'], 'rate(365 days)'),
    caughtBy: { sweepRunsDaily: [SWEEP] },
  },
  {
    defect: 'the schedule runs something else',
    mutation: set(
      SWEEP,
      ['Properties', 'Targets', 0, 'Arn'],
      'arn:aws:lambda:eu-central-1:123456789012:function:other',
    ),
    caughtBy: { sweepRunsDaily: [SWEEP] },
  },
  {
    defect: 'the schedule tells the migration something',
    mutation: set(SWEEP, ['Properties', 'Targets', 0, 'Input'], '{"sweep":false}'),
    caughtBy: { sweepRunsDaily: [SWEEP] },
  },
  {
    defect: 'any schedule runs the migration',
    mutation: remove(SWEEP_PERMISSION, ['Properties', 'SourceArn']),
    caughtBy: { permissionsNameTheirCaller: [SWEEP_PERMISSION] },
  },
];
