import { STACK_SUFFIX } from '../../plain';

/**
 * Every operator with every condition key that the vault's policies use. IAM accepts a mistyped key without an error: it
 * then matches nothing, or, under `…IfExists`, `ForAllValues` and negated operators, everything.
 */
export const REVIEWED_CONDITIONS: readonly string[] = [
  'ArnEquals aws:PrincipalArn',
  'ArnEquals aws:SourceArn',
  'ArnEquals lambda:SourceFunctionArn',
  'ArnLike kms:EncryptionContext:aws:logs:arn',
  'ArnLike kms:EncryptionContext:aws:sns:topicArn',
  'ArnLike lambda:SourceFunctionArn',
  'ArnNotLike lambda:SourceFunctionArn',
  'Bool aws:SecureTransport',
  'Bool kms:BypassPolicyLockoutSafetyCheck',
  'Bool kms:GrantIsForAWSResource',
  'BoolIfExists aws:PrincipalIsAWSService',
  'BoolIfExists aws:ViaAWSService',
  'BoolIfExists kms:GrantIsForAWSResource',
  'ForAllValues:StringEquals kms:EncryptionContextKeys',
  'ForAllValues:StringEquals sts:IdentityTokenAudience',
  'Null kms:EncryptionContext:chain',
  'Null kms:EncryptionContext:environment',
  'Null kms:EncryptionContext:facts',
  'Null kms:EncryptionContext:field',
  'Null kms:EncryptionContext:id',
  'Null kms:EncryptionContext:kind',
  'Null kms:EncryptionContext:owner',
  'Null kms:EncryptionContext:record',
  'Null sts:IdentityTokenAudience',
  'NumericLessThan kms:ScheduleKeyDeletionPendingWindowInDays',
  'NumericLessThanEquals sts:DurationSeconds',
  'StringEquals aws:SourceAccount',
  'StringEquals aws:SourceVpc',
  'StringEquals kms:CallerAccount',
  'StringEquals kms:EncryptionAlgorithm',
  'StringEquals kms:EncryptionContext:SecretARN',
  'StringEquals kms:EncryptionContext:environment',
  'StringEquals kms:EncryptionContext:field',
  'StringEquals kms:EncryptionContext:kind',
  'StringEquals kms:ViaService',
  'StringEquals secretsmanager:KmsKeyId',
  'StringEquals sts:SigningAlgorithm',
  'StringLike kms:EncryptionContext:SecretARN',
  'StringNotEquals aws:PrincipalAccount',
];

/** Returns the conditions for any use of the share key, if the vault owns its network. */
export function sealingConditions(environment: string): unknown {
  const pairs = ['chain', 'environment', 'field', 'owner', 'record'];
  return {
    StringEquals: {
      'kms:EncryptionContext:environment': environment,
      'kms:EncryptionContext:field': ['delegated_share', 'server_key_shares', 'wallet_api_key'],
      'aws:SourceVpc': '${VaultNetworkVpc}',
    },
    'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': pairs },
    // ForAllValues holds for a call without any context: each pair has to be there
    Null: Object.fromEntries(pairs.map((pair) => [`kms:EncryptionContext:${pair}`, 'false'])),
  };
}

/** Returns the conditions for the use of the share key with canaries, if the vault owns its network. */
export function canaryConditions(environment: string): unknown {
  const pairs = ['environment', 'facts', 'id', 'kind'];
  return {
    StringEquals: {
      'kms:EncryptionContext:environment': environment,
      // no record has it
      'kms:EncryptionContext:kind': 'restore-canary',
      'aws:SourceVpc': '${VaultNetworkVpc}',
    },
    'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': pairs },
    Null: Object.fromEntries(pairs.map((pair) => [`kms:EncryptionContext:${pair}`, 'false'])),
  };
}

const OWN_ACCOUNT = '${AWS::AccountId}';
const VIA_SERVICES = ['backup', 'lambda', 'rds', 'secretsmanager'].map(
  (name) => `${name}.\${AWS::Region}.amazonaws.com`,
);
const STORING = { 'kms:CallerAccount': OWN_ACCOUNT, 'kms:ViaService': VIA_SERVICES };
const TOPICS = 'arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:*';
const LOGS = 'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:';

/** Returns the conditions that each principal's use of the storage key may have. */
export function storageConditions(environment: string): Readonly<Record<string, readonly unknown[]>> {
  const logs = [
    `ShareVault-${environment}-*`,
    `/aws/rds/cluster/share-vault-${environment}-${STACK_SUFFIX}/postgresql`,
  ];
  return {
    'AWS:arn:${AWS::Partition}:iam::${AWS::AccountId}:root': [
      { StringEquals: STORING },
      { StringEquals: STORING, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    ],
    'Service:cloudwatch.amazonaws.com': [{ StringEquals: { 'aws:SourceAccount': OWN_ACCOUNT } }],
    // EventBridge sends no source
    'Service:events.amazonaws.com': [{ ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': TOPICS } }],
    'Service:logs.${AWS::Region}.amazonaws.com': logs.map((name) => ({
      ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `${LOGS}${name}` },
    })),
  };
}
