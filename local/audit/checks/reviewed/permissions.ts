/** All permissions of a role of a vault, and the service that assumes it. */
export interface ReviewedRole {
  readonly service: string;
  /** `ACTION on RESOURCE`. */
  readonly may: readonly string[];
  readonly managedPolicies?: readonly string[];
}

const AWS_POLICIES = 'arn:${AWS::Partition}:iam::aws:policy/service-role';
const ARN = (service: string, rest: string) =>
  `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}`;
/** By its name: the cluster waits for the role. */
const CLUSTER = ARN('rds', 'cluster:share-vault-ENVIRONMENT-${AWS::StackId}[/2][-0]${AWS::StackId}[/2][-1]');

/** Clusters and instances of restore tests, by AWS Backup's prefix. */
const RESTORED = (type: string) => ARN('rds', `${type}:awsbackup-restore-test-*`);
const SUBNETS = ARN('rds', 'subgrp:${VaultDatabaseClusterSubnets}');
const PARAMETERS = ARN('rds', 'cluster-pg:${VaultDatabaseParameters}');

const INTERFACES = [
  'ec2:AssignPrivateIpAddresses on *',
  'ec2:CreateNetworkInterface on *',
  'ec2:DeleteNetworkInterface on *',
  'ec2:DescribeNetworkInterfaces on *',
  'ec2:DescribeSubnets on *',
  'ec2:UnassignPrivateIpAddresses on *',
];
const TRACES = ['xray:PutTelemetryRecords on *', 'xray:PutTraceSegments on *'];

/** The uses of the keys that seal and open, with their roles: only the keys' policies allow them. */
export const REVIEWED_KEY_USES: Readonly<Record<string, readonly string[]>> = {
  VaultKeysShareKey: [
    'kms:Decrypt to AWS:${VaultFunctionsunsealRole.Arn}',
    'kms:GenerateDataKey to AWS:${VaultFunctionssealRole.Arn}',
    'kms:GenerateDataKey to AWS:${VaultWebhookFunctionRole.Arn}',
    // the only role that has both for records
    'kms:Decrypt to AWS:${VaultResealFunctionRole.Arn}',
    'kms:GenerateDataKey to AWS:${VaultResealFunctionRole.Arn}',
    // for canaries only
    'kms:Decrypt to AWS:${VaultRestoreTestingFunctionRole.Arn}',
    'kms:GenerateDataKey to AWS:${VaultRestoreTestingFunctionRole.Arn}',
  ],
  VaultKeysintakeintake1Key: ['kms:Decrypt to AWS:${VaultFunctionssealRole.Arn}'],
  VaultKeyswebhookwebhook1Key: ['kms:Decrypt to AWS:${VaultWebhookFunctionRole.Arn}'],
};

function handler(logGroup: string, ...more: readonly string[]): ReviewedRole {
  const log = [`logs:CreateLogStream on \${${logGroup}.Arn}`, `logs:PutLogEvents on \${${logGroup}.Arn}`];
  return { service: 'lambda.amazonaws.com', may: [...log, ...INTERFACES, ...TRACES, ...more] };
}

function login(user: string): string {
  return `rds-db:connect on ${ARN('rds-db', `dbuser:\${VaultDatabaseCluster.DBClusterResourceId}/${user}`)}`;
}

export const REVIEWED_ROLES: Readonly<Record<string, ReviewedRole>> = {
  VaultFunctionssealRole: handler('VaultFunctionssealLog', login('vault_sealer')),
  VaultFunctionsunsealRole: handler('VaultFunctionsunsealLog', login('vault_unsealer')),
  VaultFunctionsrevokeRole: handler('VaultFunctionsrevokeLog', login('vault_revoker')),
  VaultFunctionspropertiesRole: handler('VaultFunctionspropertiesLog', login('vault_reader')),
  VaultFunctionsauditRole: handler('VaultFunctionsauditLog', login('vault_auditor')),
  VaultFunctionsfreezeRole: handler('VaultFunctionsfreezeLog', login('vault_freezer')),
  VaultFunctionsthawRole: handler('VaultFunctionsthawLog', login('vault_thawer')),
  VaultWebhookFunctionRole: handler(
    'VaultWebhookFunctionLog',
    login('vault_receiver'),
    'secretsmanager:GetSecretValue on ${VaultWebhookSigningSecret}',
    'kms:Decrypt on ${VaultStorageKey.Arn}',
  ),
  VaultMigrationFunctionRole: handler(
    'VaultMigrationFunctionLog',
    login('vault_master'),
    'secretsmanager:GetSecretValue on ${VaultDatabaseCluster.MasterUserSecret.SecretArn}',
    'kms:Decrypt on ${VaultStorageKey.Arn}',
  ),
  VaultResealFunctionRole: handler(
    'VaultResealFunctionLog',
    login('vault_resealer'),
    'kms:DescribeKey on ${VaultKeysShareKey.Arn}',
  ),
  VaultResealRole: {
    service: 'states.amazonaws.com',
    may: [`lambda:InvokeFunction on ${ARN('lambda', 'function:share-vault-ENVIRONMENT-reseal:run')}`],
  },
  VaultResealStartRole: {
    service: 'events.amazonaws.com',
    may: [`states:StartExecution on ${ARN('states', 'stateMachine:share-vault-ENVIRONMENT-reseal')}`],
  },
  VaultRestoreTestingFunctionRole: handler(
    'VaultRestoreTestingFunctionLog',
    login('vault_restore_checker'),
    // the id of a restored cluster is unknown before
    `rds-db:connect on ${ARN('rds-db', 'dbuser:*/vault_restore_checker')}`,
  ),
  VaultRestoreTestingMachineRole: {
    service: 'states.amazonaws.com',
    may: [
      'backup:DescribeRestoreJob on *',
      'backup:PutRestoreValidationResult on *',
      `rds:DescribeDBClusters on ${RESTORED('cluster')}`,
      `rds:ModifyDBCluster on ${RESTORED('cluster')}`,
      ...[RESTORED('db'), RESTORED('cluster'), ARN('rds', 'pg:default.*'), ARN('rds', 'og:default:*'), SUBNETS].map(
        (resource) => `rds:CreateDBInstance on ${resource}`,
      ),
      `rds:DeleteDBInstance on ${RESTORED('db')}`,
      `rds:DescribeDBInstances on ${RESTORED('db')}`,
      'kms:CreateGrant on ${VaultStorageKey.Arn}',
      'kms:DescribeKey on ${VaultStorageKey.Arn}',
      `lambda:InvokeFunction on ${ARN('lambda', 'function:share-vault-ENVIRONMENT-restore-check:check')}`,
    ],
  },
  VaultRestoreTestingStartRole: {
    service: 'events.amazonaws.com',
    may: [`states:StartExecution on ${ARN('states', 'stateMachine:share-vault-ENVIRONMENT-restore-test')}`],
  },
  VaultRestoreTestingRole: {
    service: 'backup.amazonaws.com',
    may: [
      ...[RESTORED('cluster'), ARN('rds', 'cluster-snapshot:awsbackup:*'), SUBNETS, PARAMETERS].map(
        (resource) => `rds:RestoreDBClusterFromSnapshot on ${resource}`,
      ),
      `rds:AddTagsToResource on ${RESTORED('cluster')}`,
      'rds:DescribeDBClusters on *',
      'rds:DescribeDBClusterSnapshots on *',
      ...['CreateGrant', 'Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey*', 'ReEncrypt*'].map(
        (action) => `kms:${action} on \${VaultStorageKey.Arn}`,
      ),
    ],
  },
  VaultNetworkFlowLogRole: {
    service: 'vpc-flow-logs.amazonaws.com',
    may: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'].map(
      (action) => `${action} on \${VaultNetworkFlowLogs.Arn}`,
    ),
  },
  VaultDatabaseGuardRole: {
    service: 'lambda.amazonaws.com',
    may: [
      'logs:CreateLogStream on ${VaultDatabaseGuardLog.Arn}',
      'logs:PutLogEvents on ${VaultDatabaseGuardLog.Arn}',
      `rds:DescribeDBClusters on ${CLUSTER}`,
      `rds:ModifyDBCluster on ${CLUSTER}`,
    ],
  },
  VaultDatabaseBackupRole: {
    service: 'backup.amazonaws.com',
    may: [],
    managedPolicies: [`${AWS_POLICIES}/AWSBackupServiceRolePolicyForBackup`],
  },
  // the CDK's own: runs migrations on deploy
  AWSCDKTriggerCustomResourceProviderCustomResourceProviderRole: {
    service: 'lambda.amazonaws.com',
    may: ['lambda:InvokeFunction on ${VaultMigrationFunction.Arn}:*'],
    managedPolicies: [`${AWS_POLICIES}/AWSLambdaBasicExecutionRole`],
  },
  // the CDK's own: empties the network's default security group
  CustomVpcRestrictDefaultSGCustomResourceProviderRole: {
    service: 'lambda.amazonaws.com',
    may: [
      'ec2:AuthorizeSecurityGroupIngress',
      'ec2:AuthorizeSecurityGroupEgress',
      'ec2:RevokeSecurityGroupIngress',
      'ec2:RevokeSecurityGroupEgress',
    ].map((action) => `${action} on ${ARN('ec2', 'security-group/${VaultNetworkVpc.DefaultSecurityGroup}')}`),
    managedPolicies: [`${AWS_POLICIES}/AWSLambdaBasicExecutionRole`],
  },
};

const TOKENS = 'sts:GetWebIdentityToken on *';
const BODIES = ARN('secretsmanager', 'secret:share-vault/ENVIRONMENT/bodies/*');
const USE_STORAGE = ['kms:Decrypt on ${VaultStorageKey.Arn}', 'kms:GenerateDataKey on ${VaultStorageKey.Arn}'];
const CREATE = [`secretsmanager:CreateSecret on ${BODIES}`, ...USE_STORAGE];
const DESTROY = `secretsmanager:DeleteSecret on ${BODIES}`;

/** The further permissions of roles whose functions call keys and stores elsewhere, or keep bodies in Secrets Manager. */
export const REVIEWED_ELSEWHERE: Readonly<
  Record<string, { readonly calls: string; readonly bodies: readonly string[] }>
> = {
  VaultFunctionssealRole: { calls: TOKENS, bodies: CREATE },
  VaultFunctionsunsealRole: {
    calls: TOKENS,
    bodies: [`secretsmanager:GetSecretValue on ${BODIES}`, ...USE_STORAGE.slice(0, 1)],
  },
  VaultFunctionsrevokeRole: { calls: TOKENS, bodies: [DESTROY] },
  VaultResealFunctionRole: { calls: TOKENS, bodies: [] },
  VaultWebhookFunctionRole: { calls: TOKENS, bodies: [...CREATE, DESTROY] },
  VaultMigrationFunctionRole: { calls: TOKENS, bodies: [DESTROY, 'secretsmanager:ListSecrets on *'] },
};
