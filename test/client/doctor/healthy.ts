import { generateKeyPairSync } from 'node:crypto';
import type { Responses } from './fake-aws';

const ARN = (service: string, rest: string): string => `arn:aws:${service}:eu-central-1:111122223333:${rest}`;
const SHARE_KEY = ARN('kms', 'key/11111111-1111-4111-8111-111111111111');
export const STORAGE_KEY = ARN('kms', 'key/22222222-2222-4222-8222-222222222222');
const INTAKE_KEY = ARN('kms', 'key/33333333-3333-4333-8333-333333333333');
const TOPIC = ARN('sns', 'alarms');
const CLUSTER = 'share-vault-prod-0123456789ab';

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const SPKI = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

export const CLUSTERS = `<DBClusters><DBCluster><Status>available</Status><DeletionProtection>true</DeletionProtection><IAMDatabaseAuthenticationEnabled>true</IAMDatabaseAuthenticationEnabled><KmsKeyId>${STORAGE_KEY}</KmsKeyId><BackupRetentionPeriod>35</BackupRetentionPeriod><EnabledCloudwatchLogsExports><member>postgresql</member></EnabledCloudwatchLogsExports></DBCluster></DBClusters>`;

const FUNCTION = {
  State: 'Active',
  LastUpdateStatus: 'Successful',
  Runtime: 'nodejs24.x',
  KMSKeyArn: STORAGE_KEY,
  VpcConfig: { VpcId: 'vpc-1', SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] },
  Environment: {
    Variables: {
      SHARE_VAULT_SHARE_KEY_ARN: SHARE_KEY,
      SHARE_VAULT_DB_HOST: `${CLUSTER}.cluster-abcdefghijkl.eu-central-1.rds.example.invalid`,
      SHARE_VAULT_DB_PORT: '5433',
    },
  },
};

const parameter = (path: string, Value: string) => {
  const Name = `/share-vault/prod/${path}`;
  return { Name, Value, ARN: ARN('ssm', `parameter${Name}`) };
};

const alarm = (about: string) => ({
  AlarmName: 'Stack-Alarm',
  AlarmDescription: `share vault prod: ${about}`,
  ActionsEnabled: true,
  AlarmActions: [TOPIC],
  StateValue: 'OK',
});

/** AWS's responses about a vault `prod` without problems. */
export const HEALTHY: Responses = {
  GetCallerIdentity: `<Arn>${ARN('sts', 'assumed-role/ReadOnly/me').replace('eu-central-1', '')}</Arn>`,
  GetParametersByPath: {
    Parameters: [parameter('keys/intake/intake-1', INTAKE_KEY), parameter('webhook/secret', ARN('secretsmanager', 'secret:s-AbCdEf'))], // prettier-ignore
  },
  ...Object.fromEntries(
    ['seal', 'unseal', 'revoke', 'properties', 'audit', 'migrate', 'receive', 'reseal'].map((name) => [
      `configuration share-vault-prod-${name}`,
      { ...FUNCTION, FunctionArn: ARN('lambda', `function:share-vault-prod-${name}`) },
    ]),
  ),
  DescribeKey: { KeyMetadata: { KeyId: 'k', KeyState: 'Enabled', KeySpec: 'SYMMETRIC_DEFAULT' } },
  GetKeyRotationStatus: { KeyRotationEnabled: true, RotationPeriodInDays: 90, NextRotationDate: 1_800_000_000 },
  GetPublicKey: { PublicKey: SPKI },
  Encrypt: { error: 'AccessDeniedException' },
  GenerateDataKey: { error: 'AccessDeniedException' },
  Decrypt: { error: 'AccessDeniedException' },
  Invoke: { error: 'AccessDeniedException' },
  GetPolicy: { error: 'ResourceNotFoundException' },
  ListExecutions: { executions: [{ name: 'r', status: 'SUCCEEDED', stopDate: 1_790_000_000 }] },
  DescribeDBClusters: CLUSTERS,
  DescribeSecret: { VersionIdsToStages: { v1: ['AWSCURRENT'] } },
  DescribeTrails: { trailList: [{ Name: 'org', TrailARN: ARN('cloudtrail', 'trail/org') }] },
  GetTrailStatus: { IsLogging: true },
  GetEventSelectors: {
    AdvancedEventSelectors: [
      { FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] },
      {
        FieldSelectors: [
          { Field: 'eventCategory', Equals: ['Data'] },
          { Field: 'resources.type', Equals: ['AWS::Lambda::Function'] },
        ],
      },
    ],
  },
  'GET /account-settings': { ResourceTypeOptInPreference: { Aurora: true } },
  'GET /backup-jobs': {
    BackupJobs: [
      { ResourceArn: ARN('rds', `cluster:${CLUSTER}`), State: 'COMPLETED', CompletionDate: Date.now() / 1_000 - 3_600 },
    ],
  },
  DescribeAlarms: { MetricAlarms: [alarm('unseal refuses calls unusually often'), { ...alarm('x'), AlarmDescription: 'other', ActionsEnabled: false }] }, // prettier-ignore
  ListSubscriptionsByTopic: `<Subscriptions><member><SubscriptionArn>${TOPIC}:1</SubscriptionArn></member></Subscriptions>`,
  ListRules: { Rules: [{ Name: 'Stack-Rule', Description: 'share vault prod: a key was changed', State: 'ENABLED' }] },
  GetMetricStatistics: { Datapoints: [{ Sum: 0 }] },
};
