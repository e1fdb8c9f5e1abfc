/**
 * The matrix as it should be: all that each principal is allowed of what `asksOf` asks, so everything else is denied.
 * A line that joins a list here is a permission that somebody gained.
 */
const ADMINISTRATOR = [
  // public keys are for everyone in the account
  'kms:GetPublicKey intake key',
  'kms:GetPublicKey webhook key',
  // the storage key opens no record; services use it with their caller's permissions
  'kms:Decrypt storage key, through rds',
  'kms:GenerateDataKey storage key, through rds',
  'kms:Decrypt storage key, through secretsmanager',
  'kms:CreateGrant storage key, to rds',
  // KMS refuses a key whose account can't administer it
  ...['share key', 'storage key', 'intake key', 'webhook key'].flatMap((key) => [
    `kms:PutKeyPolicy ${key}, with the lockout check`,
    `kms:ScheduleKeyDeletion ${key}, in 30 days`,
    `kms:DisableKey ${key}`,
    `kms:UntagResource ${key}`,
  ]),
  // an alias's answer is encrypted to whoever asks; without an actor's name the handler refuses
  ...[
    'seal:backend',
    'seal:partner',
    'seal without a name',
    'seal:$LATEST',
    'unseal:backend',
    'unseal:partner',
    'unseal without a name',
    'unseal:$LATEST',
    'revoke:backend',
    'revoke without a name',
    'revoke:$LATEST',
    'audit:auditor',
    'audit without a name',
    'audit:$LATEST',
    'migrate without a name',
    'migrate:$LATEST',
  ].map((alias) => `lambda:InvokeFunction ${alias}`),
  // the indirect ways
  'lambda:UpdateFunctionCode unseal',
  'lambda:UpdateFunctionConfiguration unseal',
  'lambda:AddPermission unseal',
  'lambda:CreateAlias unseal',
  'lambda:UpdateAlias unseal',
  'lambda:CreateFunctionUrlConfig unseal',
  'rds-db:connect vault_sealer',
  'rds-db:connect vault_unsealer',
  'rds-db:connect vault_revoker',
  'rds-db:connect vault_auditor',
  'rds-db:connect vault_migrator',
  'rds-db:connect vault_owner',
  'secretsmanager:GetSecretValue master secret',
  'rds:ModifyDBCluster database',
  ...['seal', 'unseal'].flatMap((operation) => [
    `iam:UpdateAssumeRolePolicy ${operation}'s role`,
    `iam:AttachRolePolicy ${operation}'s role`,
    `iam:PutRolePolicy ${operation}'s role`,
    `iam:PassRole ${operation}'s role, to a function`,
  ]),
  "iam:CreatePolicyVersion unseal's permissions",
  'cloudformation:UpdateStack stack',
  'cloudformation:CreateChangeSet stack',
];

export const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  seal: ['kms:GenerateDataKey share key, right', 'kms:Decrypt intake key, right', 'rds-db:connect vault_sealer'],
  unseal: ['kms:Decrypt share key, right', 'rds-db:connect vault_unsealer'],
  revoke: ['rds-db:connect vault_revoker'],
  audit: ['rds-db:connect vault_auditor'],
  migrate: ['kms:Decrypt storage key, through secretsmanager', 'secretsmanager:GetSecretValue master secret'],
  'cdk trigger': ['lambda:InvokeFunction migrate:$LATEST'],
  'cdk group': [],
  consumer: ['lambda:InvokeFunction unseal:backend'],
  feeder: ['kms:GetPublicKey intake key', 'lambda:InvokeFunction seal:backend'],
  root: ADMINISTRATOR,
  admin: ADMINISTRATOR,
  stranger: [],
  partner: ['lambda:InvokeFunction unseal:partner'],
  'partner admin': ['lambda:InvokeFunction unseal:partner'],
  'foreign admin': [],
};

/** What the sample service control policy leaves to an administrator. */
export const LEFT_BY_SCP: readonly string[] = ['kms:GetPublicKey intake key', 'kms:GetPublicKey webhook key'];
