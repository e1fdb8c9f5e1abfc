/**
 * The reviewed matrix: the requests of `requestsOf` that each principal is allowed; all others are denied. A line that joins
 * a list here is a permission that a principal gained.
 */
const ADMINISTRATOR = [
  // public keys are for everyone in the account
  'kms:GetPublicKey intake key',
  'kms:GetPublicKey webhook key',
  // the storage key opens no record; services use it with their caller's permissions
  'kms:Decrypt storage key, through rds',
  'kms:GenerateDataKey storage key, through rds',
  'kms:Decrypt storage key, for the master secret',
  'kms:Decrypt storage key, for the signing secret',
  'kms:CreateGrant storage key, to rds',
  // KMS refuses a key that its account can't administer
  ...['share key', 'storage key', 'intake key', 'webhook key'].flatMap((key) => [
    `kms:PutKeyPolicy ${key}, with the lockout check`,
    `kms:ScheduleKeyDeletion ${key}, in 30 days`,
    `kms:DisableKey ${key}`,
    `kms:UntagResource ${key}`,
  ]),
  // an alias's response is encrypted to the caller; without an actor's name the handler refuses
  ...[
    'seal:backend',
    'seal without a name',
    'seal:$LATEST',
    'unseal:backend',
    'unseal:partner',
    'unseal without a name',
    'unseal:$LATEST',
    'revoke:backend',
    'revoke without a name',
    'revoke:$LATEST',
    'properties:backend',
    'properties without a name',
    'properties:$LATEST',
    'audit:auditor',
    'audit without a name',
    'audit:$LATEST',
    'freeze:oncall',
    'freeze:security',
    'freeze without a name',
    'freeze:$LATEST',
    'thaw:oncall',
    'thaw:security',
    'thaw without a name',
    'thaw:$LATEST',
    // the handler accepts signed deliveries only, from any caller
    'receive:live',
    'receive without a name',
    'receive:$LATEST',
    'migrate:sweep',
    'migrate without a name',
    'migrate:$LATEST',
    // returns counts only
    'reseal:run',
    'reseal without a name',
    'reseal:$LATEST',
  ].map((alias) => `lambda:InvokeFunction ${alias}`),
  // the indirect ways
  ...['unseal', 'receive', 'reseal'].flatMap((operation) => [
    `lambda:UpdateFunctionCode ${operation}`,
    `lambda:UpdateFunctionConfiguration ${operation}`,
    `lambda:AddPermission ${operation}`,
    `lambda:CreateAlias ${operation}`,
    `lambda:UpdateAlias ${operation}`,
    `lambda:CreateFunctionUrlConfig ${operation}`,
  ]),
  'rds-db:connect vault_receiver',
  'rds-db:connect vault_sealer',
  'rds-db:connect vault_unsealer',
  'rds-db:connect vault_revoker',
  'rds-db:connect vault_reader',
  'rds-db:connect vault_auditor',
  ...['vault_freezer', 'vault_thawer', 'vault_resealer', 'vault_restore_checker'].map(
    (user) => `rds-db:connect ${user}`,
  ),
  'rds-db:connect vault_master',
  'secretsmanager:GetSecretValue master secret',
  // with it deliveries can be forged: a wallet's material replaced or revoked, none opened
  'secretsmanager:GetSecretValue signing secret',
  'secretsmanager:PutSecretValue signing secret',
  'secretsmanager:UntagResource signing secret',
  'rds:ModifyDBCluster database',
  // the CDK's helpers hold no material; they act in the deploy's name
  ...['cdk trigger', 'cdk group'].flatMap((helper) => [
    `lambda:InvokeFunction ${helper}`,
    `lambda:UpdateFunctionCode ${helper}`,
  ]),
  ...['DELETE', 'PATCH', 'PUT'].map((method) => `apigateway:${method} webhook's API`),
  // only the alarm and the stack's outputs protect these
  'ssm:PutParameter of the webhook key',
  'ssm:PutParameter of the signing secret',
  ...['seal', 'unseal', 'receive', 'reseal'].flatMap((operation) => [
    `iam:UpdateAssumeRolePolicy ${operation}'s role`,
    `iam:AttachRolePolicy ${operation}'s role`,
    `iam:PutRolePolicy ${operation}'s role`,
    `iam:PassRole ${operation}'s role, to a function`,
  ]),
  "iam:CreatePolicyVersion unseal's permissions",
  ...['StartExecution', 'UpdateStateMachine', 'DeleteStateMachine', 'CreateStateMachineAlias'].map(
    (name) => `states:${name} reseal`,
  ),
  ...['StopExecution', 'RedriveExecution'].map((name) => `states:${name} reseal`),
  'cloudformation:UpdateStack stack',
  'cloudformation:CreateChangeSet stack',
];

export const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  seal: ['kms:GenerateDataKey share key, right', 'kms:Decrypt intake key, right', 'rds-db:connect vault_sealer'],
  unseal: ['kms:Decrypt share key, right', 'rds-db:connect vault_unsealer'],
  revoke: ['rds-db:connect vault_revoker'],
  properties: ['rds-db:connect vault_reader'],
  audit: ['rds-db:connect vault_auditor'],
  freeze: ['rds-db:connect vault_freezer'],
  thaw: ['rds-db:connect vault_thawer'],
  receive: [
    'kms:GenerateDataKey share key, right',
    'kms:Decrypt webhook key, right',
    'kms:Decrypt storage key, for the signing secret',
    'secretsmanager:GetSecretValue signing secret',
    'rds-db:connect vault_receiver',
  ],
  migrate: [
    'kms:Decrypt storage key, for the master secret',
    'secretsmanager:GetSecretValue master secret',
    'rds-db:connect vault_master',
  ],
  // the only one that wraps and unwraps; it returns counts
  reseal: ['kms:GenerateDataKey share key, right', 'kms:Decrypt share key, right', 'rds-db:connect vault_resealer'],
  'reseal machine': ['lambda:InvokeFunction reseal:run'],
  'reseal starter': ['states:StartExecution reseal'],
  // may disable, may not decrypt
  'emergency stop': ['kms:DisableKey share key'],
  // its code lifts the deletion protection of a cluster without instances; IAM knows no narrower permission
  guard: ['rds:ModifyDBCluster database'],
  // the CDK's own policy names every version and alias of the migration
  'cdk trigger': ['lambda:InvokeFunction migrate:sweep', 'lambda:InvokeFunction migrate:$LATEST'],
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

/** The requests that the sample service control policies leave to an administrator. */
export const LEFT_BY_CONTROL: readonly string[] = ['kms:GetPublicKey intake key', 'kms:GetPublicKey webhook key'];
