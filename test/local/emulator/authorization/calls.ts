import type { AwsAction } from '../../../../local/emulator/authorization';
import { ACCOUNT, ALIAS, FUNCTION, KEY, REGION, ROLE, SECRET } from './support';

const OTHER_KEY = KEY.replace(/0/g, '1');
export const ALIAS_NAME = 'alias/share-vault/dev';
const CIPHERTEXT = 'AQID';

export const PLACE = {
  account: ACCOUNT,
  region: REGION,
  keyArnOf: (reference: { readonly alias: string } | { readonly ciphertext: string }) =>
    'alias' in reference ? ALIASES.get(reference.alias) : CIPHERTEXTS.get(reference.ciphertext),
  secretArnOf: (secretId: string) => (secretId === 'webhook' ? SECRET : undefined),
};
const ALIASES = new Map([[ALIAS_NAME, KEY]]);
const CIPHERTEXTS = new Map([[CIPHERTEXT, KEY]]);

const data = (more: AwsAction['facts'] = {}) => ({
  encryptionContext: {},
  encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
  ...more,
});
const parameter = (name: string) => `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/${name}`;

/** Service, operation, input, and the permissions that the call needs. */
export const CALLS: readonly (readonly [string, string, unknown, readonly AwsAction[]])[] = [
  [
    'kms',
    'Decrypt',
    { KeyId: KEY, CiphertextBlob: CIPHERTEXT, EncryptionContext: { field: 'x' } },
    [{ action: 'kms:Decrypt', resource: KEY, facts: data({ encryptionContext: { field: 'x' } }) }],
  ],
  ['kms', 'Decrypt', { CiphertextBlob: CIPHERTEXT }, [{ action: 'kms:Decrypt', resource: KEY, facts: data() }]],
  [
    'kms',
    'Decrypt',
    { KeyId: KEY, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' },
    [{ action: 'kms:Decrypt', resource: KEY, facts: data({ encryptionAlgorithm: 'RSAES_OAEP_SHA_256' }) }],
  ],
  [
    'kms',
    'GenerateDataKey',
    { KeyId: '00000000-0000-0000-0000-000000000000', KeySpec: 'AES_256' },
    [{ action: 'kms:GenerateDataKey', resource: KEY, facts: data() }],
  ],
  [
    'kms',
    'GenerateDataKey',
    { KeyId: ALIAS_NAME },
    [{ action: 'kms:GenerateDataKey', resource: KEY, facts: data({ requestAlias: ALIAS_NAME }) }],
  ],
  [
    'kms',
    'GenerateDataKeyWithoutPlaintext',
    { KeyId: KEY },
    [{ action: 'kms:GenerateDataKeyWithoutPlaintext', resource: KEY, facts: data() }],
  ],
  ['kms', 'Encrypt', { KeyId: KEY, Plaintext: 'AA==' }, [{ action: 'kms:Encrypt', resource: KEY, facts: data() }]],
  [
    'kms',
    'ReEncrypt',
    {
      CiphertextBlob: CIPHERTEXT,
      SourceEncryptionContext: { a: '1' },
      DestinationKeyId: OTHER_KEY,
      DestinationEncryptionContext: { b: '2' },
    },
    [
      {
        action: 'kms:ReEncryptFrom',
        resource: KEY,
        facts: data({ encryptionContext: { a: '1' }, reEncryptOnSameKey: false }),
      },
      {
        action: 'kms:ReEncryptTo',
        resource: OTHER_KEY,
        facts: data({ encryptionContext: { b: '2' }, reEncryptOnSameKey: false }),
      },
    ],
  ],
  ...[
    'GetPublicKey',
    'DescribeKey',
    'EnableKey',
    'DisableKey',
    'CancelKeyDeletion',
    'EnableKeyRotation',
    'DisableKeyRotation',
    'GetKeyRotationStatus',
    'RotateKeyOnDemand',
    'ListKeyRotations',
    'GetParametersForImport',
    'ImportKeyMaterial',
    'DeleteImportedKeyMaterial',
    'GetKeyPolicy',
  ].map(
    (operation) =>
      ['kms', operation, { KeyId: KEY }, [{ action: `kms:${operation}`, resource: KEY, facts: {} }]] as const,
  ),
  [
    'kms',
    'ScheduleKeyDeletion',
    { KeyId: KEY, PendingWindowInDays: 7 },
    [{ action: 'kms:ScheduleKeyDeletion', resource: KEY, facts: { pendingWindowInDays: 7 } }],
  ],
  [
    'kms',
    'ScheduleKeyDeletion',
    { KeyId: KEY },
    [{ action: 'kms:ScheduleKeyDeletion', resource: KEY, facts: { pendingWindowInDays: 30 } }],
  ],
  [
    'kms',
    'PutKeyPolicy',
    { KeyId: KEY, BypassPolicyLockoutSafetyCheck: true },
    [{ action: 'kms:PutKeyPolicy', resource: KEY, facts: { bypassLockoutSafetyCheck: true } }],
  ],
  [
    'kms',
    'CreateGrant',
    { KeyId: KEY },
    [{ action: 'kms:CreateGrant', resource: KEY, facts: { grantIsForAwsResource: false } }],
  ],
  [
    'kms',
    'TagResource',
    { KeyId: KEY, Tags: [{ TagKey: 'a', TagValue: 'b' }] },
    [{ action: 'kms:TagResource', resource: KEY, facts: { tagKeys: ['a'] } }],
  ],
  [
    'kms',
    'UntagResource',
    { KeyId: KEY, TagKeys: ['a'] },
    [{ action: 'kms:UntagResource', resource: KEY, facts: { tagKeys: ['a'] } }],
  ],
  ['kms', 'ListKeys', {}, [{ action: 'kms:ListKeys', resource: '*', facts: {} }]],
  ['kms', 'ListAliases', {}, [{ action: 'kms:ListAliases', resource: '*', facts: {} }]],
  ['kms', 'CreateKey', {}, [{ action: 'kms:CreateKey', resource: '*', facts: { bypassLockoutSafetyCheck: false } }]],
  [
    'secretsmanager',
    'GetSecretValue',
    { SecretId: SECRET, VersionStage: 'AWSPREVIOUS' },
    [
      {
        action: 'secretsmanager:GetSecretValue',
        resource: SECRET,
        facts: { secretId: SECRET, secretVersionStage: 'AWSPREVIOUS' },
      },
    ],
  ],
  [
    'secretsmanager',
    'GetSecretValue',
    { SecretId: 'webhook', VersionId: 'v' },
    [
      {
        action: 'secretsmanager:GetSecretValue',
        resource: SECRET,
        facts: { secretId: 'webhook', secretVersionId: 'v' },
      },
    ],
  ],
  [
    'secretsmanager',
    'DescribeSecret',
    { SecretId: 'webhook' },
    [{ action: 'secretsmanager:DescribeSecret', resource: SECRET, facts: { secretId: 'webhook' } }],
  ],
  [
    'secretsmanager',
    'PutSecretValue',
    { SecretId: 'none' },
    [
      {
        action: 'secretsmanager:PutSecretValue',
        resource: SECRET.replace('webhook-AbCdEf', 'none'),
        facts: { secretId: 'none' },
      },
    ],
  ],
  [
    'secretsmanager',
    'CreateSecret',
    { Name: 'new' },
    [{ action: 'secretsmanager:CreateSecret', resource: SECRET.replace('webhook-AbCdEf', 'new'), facts: {} }],
  ],
  ...[
    { input: { FunctionName: ALIAS }, resource: ALIAS },
    { input: { FunctionName: FUNCTION, Qualifier: 'backend' }, resource: ALIAS },
    { input: { FunctionName: 'share-vault-dev-unseal', Qualifier: 'backend' }, resource: ALIAS },
    { input: { FunctionName: `${ACCOUNT}:function:share-vault-dev-unseal:backend` }, resource: ALIAS },
    { input: { FunctionName: 'share-vault-dev-unseal' }, resource: FUNCTION },
    { input: { FunctionName: 'share-vault-dev-unseal', Qualifier: '$LATEST' }, resource: `${FUNCTION}:$LATEST` },
  ].map(
    ({ input, resource }) =>
      ['lambda', 'Invoke', input, [{ action: 'lambda:InvokeFunction', resource: resource, facts: {} }]] as const,
  ),
  [
    'lambda',
    'GetFunction',
    { FunctionName: 'share-vault-dev-unseal' },
    [{ action: 'lambda:GetFunction', resource: FUNCTION, facts: {} }],
  ],
  ['lambda', 'ListFunctions', {}, [{ action: 'lambda:ListFunctions', resource: '*', facts: {} }]],
  ...['ListAliases', 'GetAlias', 'ListVersionsByFunction'].map(
    (operation) =>
      [
        'lambda',
        operation,
        { FunctionName: 'share-vault-dev-unseal' },
        [{ action: `lambda:${operation}`, resource: FUNCTION, facts: {} }],
      ] as const,
  ),
  [
    'ssm',
    'GetParameter',
    { Name: '/share-vault/dev/alias:3' },
    [{ action: 'ssm:GetParameter', resource: parameter('share-vault/dev/alias'), facts: {} }],
  ],
  [
    'ssm',
    'GetParameter',
    { Name: parameter('a') },
    [{ action: 'ssm:GetParameter', resource: parameter('a'), facts: {} }],
  ],
  [
    'ssm',
    'GetParameters',
    { Names: ['/a', 'b'] },
    [
      { action: 'ssm:GetParameters', resource: parameter('a'), facts: {} },
      { action: 'ssm:GetParameters', resource: parameter('b'), facts: {} },
    ],
  ],
  [
    'ssm',
    'GetParametersByPath',
    { Path: '/share-vault/dev/', Recursive: true },
    [
      {
        action: 'ssm:GetParametersByPath',
        resource: parameter('share-vault/dev'),
        facts: { parametersRecursive: true },
      },
    ],
  ],
  [
    'rds-db',
    'connect',
    { resourceId: 'cluster-ABC', user: 'vault_unsealer' },
    [
      {
        action: 'rds-db:connect',
        resource: `arn:aws:rds-db:${REGION}:${ACCOUNT}:dbuser:cluster-ABC/vault_unsealer`,
        facts: {},
      },
    ],
  ],
  [
    'sts',
    'AssumeRole',
    { RoleArn: ROLE, RoleSessionName: 's', ExternalId: 'e' },
    [{ action: 'sts:AssumeRole', resource: ROLE, facts: { roleSessionName: 's', externalId: 'e' } }],
  ],
  ['sts', 'GetCallerIdentity', {}, []],
  [
    'sts',
    'GetWebIdentityToken',
    { Audience: ['a', 'b'], DurationSeconds: 300, SigningAlgorithm: 'RS256' },
    [
      {
        action: 'sts:GetWebIdentityToken',
        resource: '*',
        facts: { identityTokenAudience: ['a', 'b'], durationSeconds: 300, signingAlgorithm: 'RS256' },
      },
    ],
  ],
];
