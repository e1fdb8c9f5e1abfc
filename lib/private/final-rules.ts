import { LIMITS } from './patterns';

/** A rule for a property of a resource in the final template. */
export interface Rule {
  readonly property: string;
  readonly accepts: (value: unknown, properties: Readonly<Record<string, unknown>>) => boolean;
  readonly expected: string;
}

const is = (property: string, expected: boolean | string | number): Rule => ({
  property,
  accepts: (value) => value === expected,
  expected: String(expected),
});
const isNot = (property: string, refused: boolean): Rule => ({
  property,
  accepts: (value) => value === undefined || value === !refused,
  expected: String(!refused),
});
const isOneOf = (property: string, accepted: readonly (string | undefined)[]): Rule => ({
  property,
  accepts: (value) => accepted.some((each) => each === value),
  expected: accepted.map((value) => value ?? 'none').join(' or '),
});
const present = (property: string): Rule => ({
  property,
  accepts: (value) => value !== undefined && value !== null && value !== '',
  expected: 'to name a key of the vault',
});

/** The spec of the keys that senders encrypt to. */
const RSA = 'RSA_4096';

/** Returns whether a key rotates: an RSA key has no rotation that could be disabled. */
const symmetric = ({ KeySpec }: Readonly<Record<string, unknown>>): boolean => KeySpec !== RSA;
const { min, max } = LIMITS.rotationDays;

/**
 * Rules for every removal policy: as long as the data exists, it is encrypted, private and protected by keys that
 * rotate.
 */
export const ALWAYS: Readonly<Record<string, readonly Rule[]>> = {
  'AWS::KMS::Key': [
    {
      property: 'EnableKeyRotation',
      accepts: (value, properties) => value === true || !symmetric(properties),
      expected: 'true',
    },
    {
      property: 'RotationPeriodInDays',
      accepts: (value, properties) =>
        !symmetric(properties) || (typeof value === 'number' && value >= min && value <= max),
      expected: `from ${min} to ${max}`,
    },
    { property: 'PendingWindowInDays', accepts: (value) => value === undefined || value === 30, expected: '30' },
    // another spec, another origin or a copy elsewhere would escape the rotation above, or this key policy
    isOneOf('KeySpec', [undefined, 'SYMMETRIC_DEFAULT', RSA]),
    isOneOf('Origin', [undefined, 'AWS_KMS']),
    isNot('MultiRegion', true),
    isNot('Enabled', false),
    isNot('BypassPolicyLockoutSafetyCheck', true),
  ],
  'AWS::RDS::DBCluster': [
    is('StorageEncrypted', true),
    present('KmsKeyId'),
    is('EnableIAMDatabaseAuthentication', true),
    is('ManageMasterUserPassword', true),
    isNot('PubliclyAccessible', true),
  ],
  'AWS::RDS::DBInstance': [is('PubliclyAccessible', false)],
  'AWS::SecretsManager::Secret': [present('KmsKeyId')],
  'AWS::Logs::LogGroup': [present('KmsKeyId')],
  'AWS::Backup::BackupVault': [present('EncryptionKeyArn')],
  'AWS::S3::Bucket': [is('ObjectLockEnabled', true)],
};

/**
 * Types of resources with data that must outlive its stack, and of resources that such data needs, with rules in
 * addition to both deletion policies.
 */
export const RETAINED: Readonly<Record<string, readonly Rule[]>> = {
  'AWS::KMS::Key': [],
  'AWS::RDS::DBCluster': [is('DeletionProtection', true)],
  'AWS::RDS::DBInstance': [],
  'AWS::SecretsManager::Secret': [],
  'AWS::Logs::LogGroup': [],
  'AWS::Backup::BackupVault': [],
  'AWS::S3::Bucket': [],
  // a database that outlives its stack uses them: deleting them would fail, and so would deleting the stack
  'AWS::RDS::DBClusterParameterGroup': [],
  'AWS::RDS::DBSubnetGroup': [],
  'AWS::EC2::Subnet': [],
  'AWS::EC2::VPC': [],
};
