import { add, append, drop, remove, set } from '../../../support/mutate';
import { at } from '../../../../local/audit/checks/template';
import { type Defect, POLICY, sid } from './defect';

const UNSEAL = 'VaultFunctionsunsealFunction';
const ALIAS = 'VaultFunctionsunsealActorbackend';
const KMS_ENDPOINT = 'VaultNetworkEndpointkms';
const LOG = 'VaultFunctionsunsealLog';
const FUNCTIONS_GROUP = 'VaultNetworkFunctions';
const DATABASE_GROUP = 'VaultDatabaseGroup';
const TOPIC = 'VaultWatchAlarmTopic';
const ALARM = 'VaultWatchAlarmsunsealRefused';
const ofUnseal = (statement: unknown) => JSON.stringify(statement).includes('VaultFunctionsunsealRole');
const anywhere = { CidrIp: '0.0.0.0/0', IpProtocol: '-1' };
const permission = (functionName: string, principal: string) =>
  add('Permission', 'AWS::Lambda::Permission', {
    Action: 'lambda:InvokeFunction',
    FunctionName: `arn:aws:lambda:eu-central-1:123456789012:function:${functionName}`,
    Principal: principal,
  });

/** Network, functions, aliases, logs and alarms. */
export const SURROUNDING_DEFECTS: readonly Defect[] = [
  {
    defect: 'functions reach everything',
    mutation: set(FUNCTIONS_GROUP, ['Properties', 'SecurityGroupEgress'], [anywhere]),
    caughtBy: { nothingGoesOut: [FUNCTIONS_GROUP] },
  },
  {
    defect: 'a group without a rule lets everything out',
    mutation: remove(DATABASE_GROUP, ['Properties', 'SecurityGroupEgress']),
    caughtBy: { nothingGoesOut: [DATABASE_GROUP] },
  },
  {
    defect: 'the database answers anyone',
    mutation: set(DATABASE_GROUP, ['Properties', 'SecurityGroupIngress'], [anywhere]),
    caughtBy: { nothingComesIn: [DATABASE_GROUP] },
  },
  {
    defect: 'the default security group is open',
    mutation: drop('VaultNetworkVpcRestrictDefaultSecurityGroupCustomResource'),
    caughtBy: { defaultGroupIsClosed: ['VaultNetworkVpc'] },
  },
  {
    defect: 'the flow log is gone',
    mutation: drop('VaultNetworkVpcFlowLog'),
    caughtBy: { trafficIsLogged: ['VaultNetworkVpc'] },
  },
  {
    defect: 'the network has a way to the internet',
    mutation: add('Gateway', 'AWS::EC2::InternetGateway', {}),
    caughtBy: { networkIsIsolated: ['Gateway'] },
  },
  {
    defect: 'an endpoint has no policy',
    mutation: remove(KMS_ENDPOINT, ['Properties', 'PolicyDocument']),
    caughtBy: { endpointsHaveAPolicy: [KMS_ENDPOINT] },
  },
  {
    defect: 'an endpoint lets every operation pass',
    mutation: append(KMS_ENDPOINT, POLICY, { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }),
    caughtBy: { endpointsHaveAPolicy: [KMS_ENDPOINT] },
  },
  {
    defect: 'an endpoint lets any role pass',
    mutation: set(KMS_ENDPOINT, [...POLICY, ofUnseal, 'Condition', 'ArnEquals', 'aws:PrincipalArn'], '*'),
    caughtBy: { endpointsHaveAPolicy: [KMS_ENDPOINT] },
  },
  {
    defect: 'functions reach a group of somebody else',
    mutation: add('Rule', 'AWS::EC2::SecurityGroupEgress', {
      GroupId: { 'Fn::GetAtt': ['VaultNetworkFunctions41CF18A3', 'GroupId'] },
      DestinationSecurityGroupId: 'sg-0123456789abcdef0',
      IpProtocol: 'tcp',
      FromPort: 443,
      ToPort: 443,
    }),
    caughtBy: { nothingGoesOut: [FUNCTIONS_GROUP], migrationsWaitForTheirWay: ['VaultMigrationTrigger'] },
  },
  {
    defect: 'an endpoint serves other accounts',
    mutation: remove(KMS_ENDPOINT, [...POLICY, sid('DenyOtherAccounts')]),
    caughtBy: { endpointsHaveAPolicy: [KMS_ENDPOINT] },
  },
  {
    defect: 'an endpoint stands in one zone',
    mutation: remove(KMS_ENDPOINT, ['Properties', 'SubnetIds', 1]),
    caughtBy: { endpointsSpanZones: [KMS_ENDPOINT] },
  },
  {
    defect: 'an endpoint has no usual name',
    mutation: set(KMS_ENDPOINT, ['Properties', 'PrivateDnsEnabled'], false),
    caughtBy: { endpointsServeTheFunctions: ['AWS::EC2::VPCEndpoint'] },
  },
  {
    defect: 'a runtime is past its end',
    mutation: set(UNSEAL, ['Properties', 'Runtime'], 'nodejs20.x'),
    caughtBy: { runtimesAreCurrent: [UNSEAL] },
  },
  {
    defect: 'a function is outside the network',
    mutation: remove(UNSEAL, ['Properties', 'VpcConfig']),
    caughtBy: { functionsLiveInTheNetwork: [UNSEAL, UNSEAL] },
  },
  {
    defect: "a function's variables are under AWS's key",
    mutation: remove(UNSEAL, ['Properties', 'KmsKeyArn']),
    caughtBy: { variablesAreEncrypted: [UNSEAL] },
  },
  {
    defect: 'a password stands in a variable',
    mutation: set(UNSEAL, ['Properties', 'Environment', 'Variables', 'DB_PASSWORD'], 'a word'),
    caughtBy: { variablesHoldNoSecret: [UNSEAL] },
  },
  {
    defect: 'a function leaves no traces',
    mutation: set(UNSEAL, ['Properties', 'TracingConfig', 'Mode'], 'PassThrough'),
    caughtBy: { functionsAreTraced: [UNSEAL] },
  },
  {
    defect: 'a function logs where Lambda likes',
    mutation: remove(UNSEAL, ['Properties', 'LoggingConfig']),
    caughtBy: { functionsLogToTheirOwn: [UNSEAL] },
  },
  {
    defect: 'an alias tries again behind the caller',
    mutation: drop(`${ALIAS}EventInvokeConfig`),
    caughtBy: { callsAreNeverQueued: [ALIAS] },
  },
  {
    defect: 'failed calls lie in a queue',
    mutation: set(UNSEAL, ['Properties', 'DeadLetterConfig'], { TargetArn: 'arn:aws:sqs:::queue' }),
    caughtBy: { callsAreNeverQueued: [UNSEAL] },
  },
  {
    defect: 'a function has a URL',
    mutation: add('Url', 'AWS::Lambda::Url', { AuthType: 'NONE' }),
    caughtBy: { nothingElseCalls: ['Url'] },
  },
  {
    defect: 'everyone may invoke an actor',
    mutation: permission('share-vault-prod-unseal:backend', '*'),
    caughtBy: { permissionsNameTheirCaller: ['Permission'] },
  },
  {
    defect: 'an account may invoke the function without an actor',
    mutation: permission('share-vault-prod-unseal', '210987654321'),
    caughtBy: { permissionsNameAnAlias: ['Permission'] },
  },
  {
    defect: 'an alias serves before the migrations',
    mutation: remove(ALIAS, ['DependsOn', (id) => String(id).includes('Trigger')]),
    caughtBy: { aliasesWaitForMigrations: [ALIAS] },
  },
  {
    defect: 'an alias serves whatever is newest',
    mutation: set(ALIAS, ['Properties', 'FunctionVersion'], '$LATEST'),
    caughtBy: { aliasesNameAVersion: [ALIAS] },
  },
  {
    defect: 'migrations run before the writer is up',
    mutation: remove('VaultMigrationTrigger', [
      'DependsOn',
      (id) => String(id).startsWith('VaultDatabaseClusterWriter'),
    ]),
    caughtBy: { migrationsWaitForTheirWay: ['VaultMigrationTrigger'] },
  },
  {
    defect: 'a function is made before it may have interfaces',
    mutation: remove(UNSEAL, ['DependsOn', (id) => String(id).includes('Permissions')]),
    caughtBy: { functionsWaitForTheirPolicy: [UNSEAL] },
  },
  {
    defect: 'a log is not encrypted',
    mutation: remove(LOG, ['Properties', 'KmsKeyId']),
    caughtBy: { logsAreEncrypted: [LOG] },
  },
  {
    defect: 'a log is kept for ever',
    mutation: remove(LOG, ['Properties', 'RetentionInDays']),
    caughtBy: { logsAreKept: [LOG] },
  },
  {
    defect: 'a log shows what should never be in it',
    mutation: remove(LOG, ['Properties', 'DataProtectionPolicy']),
    caughtBy: { logsMaskSecrets: [LOG] },
  },
  {
    defect: 'an alarm tells nobody',
    mutation: remove(ALARM, ['Properties', 'AlarmActions']),
    caughtBy: { alarmsTellSomeone: [ALARM] },
  },
  {
    defect: 'an alarm is switched off',
    mutation: set(ALARM, ['Properties', 'ActionsEnabled'], false),
    caughtBy: { alarmsTellSomeone: [ALARM] },
  },
  {
    defect: 'refused unseals are not alarmed',
    mutation: drop(ALARM),
    caughtBy: { everythingIsAlarmed: [ALARM] },
  },
  {
    defect: 'the duration that is alarmed is the median',
    mutation: set('VaultWatchAlarmsunsealDuration', ['Properties', 'Metrics', 0, 'MetricStat', 'Stat'], 'p50'),
    caughtBy: { alarmsMeasureTheVault: ['VaultWatchAlarmsunsealDuration'] },
  },
  {
    defect: 'calls are counted where throttles should be',
    mutation: set(
      'VaultWatchAlarmsunsealThrottles',
      ['Properties', 'Metrics', 0, 'MetricStat', 'Metric', 'MetricName'],
      'Invocations',
    ),
    caughtBy: { alarmsMeasureTheVault: ['VaultWatchAlarmsunsealThrottles'] },
  },
  {
    defect: 'the capacity that is alarmed is the processor',
    mutation: set('VaultWatchAlarmsdatabaseCapacity', ['Properties', 'MetricName'], 'CPUUtilization'),
    caughtBy: { alarmsMeasureTheVault: ['VaultWatchAlarmsdatabaseCapacity'] },
  },
  {
    defect: 'the band of unseals takes everything in',
    mutation: set(
      'VaultWatchAlarmsunsealRate',
      ['Properties', 'Metrics', 0, 'Expression'],
      'ANOMALY_DETECTION_BAND(m0, 40)',
    ),
    caughtBy: { alarmsMeasureTheVault: ['VaultWatchAlarmsunsealRate'] },
  },
  {
    defect: 'a URL for a function is not reported',
    mutation: remove('VaultWatchChangesFunctionChanges', [
      ...['Properties', 'EventPattern', 'detail', 'eventName'],
      (name) => at(name, 'prefix') === 'CreateFunctionUrlConfig',
    ]),
    caughtBy: { changesAreReported: ['VaultWatchChangesFunctionChanges'] },
  },
  {
    defect: 'changes of keys are not reported',
    mutation: set('VaultWatchChangesKeyChanges', ['Properties', 'State'], 'DISABLED'),
    caughtBy: { changesAreReported: ['VaultWatchChangesKeyChanges'] },
  },
  {
    defect: 'the deletion of a key is not reported',
    mutation: remove('VaultWatchChangesKeyChanges', [
      ...['Properties', 'EventPattern', 'detail', 'eventName'],
      (name) => name === 'ScheduleKeyDeletion',
    ]),
    caughtBy: { changesAreReported: ['VaultWatchChangesKeyChanges'] },
  },
  {
    defect: 'nothing watches the rules that report changes',
    mutation: set('VaultWatchChangesRuleChanges', ['Properties', 'State'], 'DISABLED'),
    caughtBy: { changesAreReported: ['VaultWatchChangesRuleChanges'] },
  },
  {
    defect: 'a rule that cannot reach the topic is not alarmed',
    mutation: drop('VaultWatchChangesKeyChangesFailed'),
    caughtBy: { everythingIsAlarmed: ['VaultWatchChangesKeyChangesFailed'] },
  },
  {
    defect: 'tampering is alarmed for unseal only',
    mutation: drop('VaultWatchAlarmssealTampered'),
    caughtBy: { everythingIsAlarmed: ['VaultWatchAlarmssealTampered'] },
  },
  {
    defect: 'failed backups are not alarmed',
    mutation: drop('VaultWatchAlarmsbackupFailed'),
    caughtBy: { everythingIsAlarmed: ['VaultWatchAlarmsbackupFailed'] },
  },
  {
    defect: 'everyone may publish alarms',
    mutation: append('VaultWatchAlarmTopicPolicy', POLICY, {
      Effect: 'Allow',
      Principal: '*',
      Action: 'sns:Publish',
      Resource: { Ref: 'VaultWatchAlarmTopicD929D295' },
    }),
    caughtBy: { topicNamesItsPublishers: ['VaultWatchAlarmTopicPolicy'] },
  },
  {
    defect: 'the topic asks EventBridge for an account, which it does not send',
    mutation: set('VaultWatchAlarmTopicPolicy', [...POLICY, sid('AllowAlarmsFromEventBridge'), 'Condition'], {
      StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
    }),
    caughtBy: { topicNamesItsPublishers: ['VaultWatchAlarmTopicPolicy'] },
  },
  {
    defect: 'no event rule may publish alarms',
    mutation: remove('VaultWatchAlarmTopicPolicy', [...POLICY, sid('AllowAlarmsFromEventBridge')]),
    caughtBy: { topicNamesItsPublishers: ['VaultWatchAlarmTopicPolicy'] },
  },
  {
    defect: 'alarms travel unencrypted',
    mutation: remove('VaultWatchAlarmTopicPolicy', [...POLICY, sid('AllowPublishThroughSSLOnly')]),
    caughtBy: { topicTakesTlsAlone: [TOPIC] },
  },
  {
    defect: 'alarms lie unencrypted',
    mutation: remove(TOPIC, ['Properties', 'KmsMasterKeyId']),
    caughtBy: { topicIsEncrypted: [TOPIC] },
  },
];
