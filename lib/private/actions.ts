/** IAM actions, each list written once. */

/** Actions of an account on a key that it never uses. `kms:CreateGrant` is missing on purpose: a grant allows use. */
export const KEY_ADMINISTRATION = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:EnableKey',
  'kms:GetKeyPolicy',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RevokeGrant',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
] as const;

/** Further actions on symmetric keys: only these rotate. */
export const KEY_ROTATION = [
  'kms:DisableKeyRotation',
  'kms:EnableKeyRotation',
  'kms:GetKeyRotationStatus',
  'kms:ListKeyRotations',
  'kms:RotateKeyOnDemand',
] as const;

/** Action that a seal needs on the share key: a new data key, in plain text and wrapped. */
export const KEY_SEAL = 'kms:GenerateDataKey';
/** Action that an unseal needs on the share key, and that opening a transport needs on an RSA key. */
export const KEY_OPEN = 'kms:Decrypt';
export const KEY_DESCRIBE = 'kms:DescribeKey';
export const KEY_PUBLIC = 'kms:GetPublicKey';
export const KEY_CREATE_GRANT = 'kms:CreateGrant';
/** Action of the emergency stop. */
export const KEY_DISABLE = 'kms:DisableKey';
export const KEY_SCHEDULE_DELETION = 'kms:ScheduleKeyDeletion';
export const KEY_PUT_POLICY = 'kms:PutKeyPolicy';

/** Actions that use a key. */
export const KEY_DATA = [
  'kms:Decrypt',
  'kms:DeriveSharedSecret',
  'kms:Encrypt',
  'kms:GenerateDataKey*',
  'kms:GenerateMac',
  'kms:ReEncrypt*',
  'kms:Sign',
] as const;

/**
 * Actions that AWS services need on the storage key when they act for an identity of the account. Their documentation
 * also lists `kms:DescribeKey`: callers have it by the account's administration. A statement with an encryption context
 * could not give it to CloudWatch Logs, since that action has none.
 */
export const KEY_STORAGE = ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'] as const;

/** Actions that CloudWatch and EventBridge need to publish to an encrypted topic. */
export const KEY_PUBLISH = ['kms:Decrypt', 'kms:GenerateDataKey*'] as const;

/**
 * Actions by which Lambda creates a function's network interfaces, with the function's own role. None of them supports
 * resources.
 */
export const NETWORK_INTERFACES = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
] as const;

export const LOG_WRITE = ['logs:CreateLogStream', 'logs:PutLogEvents'] as const;
/** Actions that lift a cluster's deletion protection: one reads its instances, the other changes its settings. */
export const CLUSTER_LIFT = ['rds:DescribeDBClusters', 'rds:ModifyDBCluster'] as const;
/** Actions of AWS Backup's role for restore tests. */
export const CLUSTER_RESTORE = 'rds:RestoreDBClusterFromSnapshot';
export const CLUSTER_TAG = 'rds:AddTagsToResource';
/** AWS Backup follows a restore by these. */
export const CLUSTER_DESCRIBE = ['rds:DescribeDBClusters', 'rds:DescribeDBClusterSnapshots'] as const;
/** Actions of the state machine that lets a restored database be checked, each on resources of restore tests only. */
export const CLUSTER_PREPARE = ['rds:DescribeDBClusters', 'rds:ModifyDBCluster'] as const;
export const INSTANCE_CREATE = 'rds:CreateDBInstance';
export const INSTANCE_END = ['rds:DeleteDBInstance', 'rds:DescribeDBInstances'] as const;
export const RESTORE_JOB = ['backup:DescribeRestoreJob', 'backup:PutRestoreValidationResult'] as const;
/** Actions on a state machine and on its executions. */
export const EXECUTION_START = 'states:StartExecution';
export const EXECUTION_STOP = 'states:StopExecution';
export const EXECUTIONS_LIST = 'states:ListExecutions';
export const EXECUTION_READ = ['states:DescribeExecution', 'states:GetExecutionHistory'] as const;
export const DATABASE_CONNECT = 'rds-db:connect';
export const IDENTITY_TOKEN = 'sts:GetWebIdentityToken';
export const SECRET_READ = 'secretsmanager:GetSecretValue';
export const BUCKET_LIST = 's3:ListBucketVersions';
export const OBJECT_READ = 's3:GetObjectVersion';
export const OBJECT_PUT = 's3:PutObject';
export const OBJECT_DELETE = ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:BypassGovernanceRetention'] as const;
/** Actions that give an object a lock of its own, which could be shorter than its bucket's. */
export const OBJECT_LOCK = ['s3:PutObjectLegalHold', 's3:PutObjectRetention'] as const;
export const FUNCTION_INVOKE = 'lambda:InvokeFunction';
export const BODY_CREATE = 'secretsmanager:CreateSecret';
export const BODY_DESTROY = 'secretsmanager:DeleteSecret';
export const BODY_LIST = 'secretsmanager:ListSecrets';
