/** IAM actions, each list written once. */

/** What an account may do to a key without ever using it. `kms:CreateGrant` is missing on purpose: a grant is a use. */
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

/** Symmetric keys alone rotate. */
export const KEY_ROTATION = [
  'kms:DisableKeyRotation',
  'kms:EnableKeyRotation',
  'kms:GetKeyRotationStatus',
  'kms:ListKeyRotations',
  'kms:RotateKeyOnDemand',
] as const;

/** What a seal needs of the share key: a new data key, in the clear and wrapped. */
export const KEY_SEAL = 'kms:GenerateDataKey';
/** What an unseal needs of the share key, and what opening a transport needs of an RSA key. */
export const KEY_OPEN = 'kms:Decrypt';
export const KEY_PUBLIC = 'kms:GetPublicKey';
export const KEY_CREATE_GRANT = 'kms:CreateGrant';
export const KEY_SCHEDULE_DELETION = 'kms:ScheduleKeyDeletion';
export const KEY_PUT_POLICY = 'kms:PutKeyPolicy';

/** Every way to put a key to use. */
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
 * What AWS services need of the storage key when they act for an identity of the account. `kms:DescribeKey`, which their
 * documentation lists beside these, the account's administration gives whoever calls them; CloudWatch Logs could not
 * have it by a statement that asks for an encryption context, which that action doesn't have.
 */
export const KEY_STORAGE = ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'] as const;

/** What CloudWatch and EventBridge need to publish to an encrypted topic. */
export const KEY_PUBLISH = ['kms:Decrypt', 'kms:GenerateDataKey*'] as const;

/** Lambda makes a function's network interfaces with the function's own role; none of these can be narrowed to a resource. */
export const NETWORK_INTERFACES = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
] as const;

export const LOG_WRITE = ['logs:CreateLogStream', 'logs:PutLogEvents'] as const;
/** What lifting a cluster's deletion protection takes: whether it has instances, and its settings. */
export const CLUSTER_LIFT = ['rds:DescribeDBClusters', 'rds:ModifyDBCluster'] as const;
export const DATABASE_CONNECT = 'rds-db:connect';
export const SECRET_READ = 'secretsmanager:GetSecretValue';
export const FUNCTION_INVOKE = 'lambda:InvokeFunction';
