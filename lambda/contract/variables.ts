/** Names of the functions' environment variables: the constructs set them, the functions read them. */
export const ENV = {
  environment: 'SHARE_VAULT_ENVIRONMENT',
  shareKeyArn: 'SHARE_VAULT_SHARE_KEY_ARN',
  /** JSON: ARNs of the share keys in AWS KMS that only open @default - none */
  openingKeyArns: 'SHARE_VAULT_OPENING_KEY_ARNS',
  webhookKeys: 'SHARE_VAULT_WEBHOOK_KEYS',
  intakeKeys: 'SHARE_VAULT_INTAKE_KEYS',
  dbGeneration: 'SHARE_VAULT_DB_GENERATION',
  dbResourceId: 'SHARE_VAULT_DB_RESOURCE_ID',
  dbHost: 'SHARE_VAULT_DB_HOST',
  dbPort: 'SHARE_VAULT_DB_PORT',
  dbName: 'SHARE_VAULT_DB_NAME',
  dbUser: 'SHARE_VAULT_DB_USER',
  dbCaFile: 'SHARE_VAULT_DB_CA_FILE',
  dbAuth: 'SHARE_VAULT_DB_AUTH',
  dbSecretArn: 'SHARE_VAULT_DB_SECRET_ARN',
  webhookSecretArn: 'SHARE_VAULT_WEBHOOK_SECRET_ARN',
  webhookBudgetMs: 'SHARE_VAULT_WEBHOOK_BUDGET_MS',
  actors: 'SHARE_VAULT_ACTORS',
  backupDays: 'SHARE_VAULT_BACKUP_DAYS',
  /** ACCOUNT/BUCKET: the bucket of tombstones @default - none */
  tombstoneBucket: 'SHARE_VAULT_TOMBSTONE_BUCKET',
  /** days after which rows of the access log are moved to that bucket @default - never */
  logRetentionDays: 'SHARE_VAULT_LOG_RETENTION_DAYS',
  unsealActors: 'SHARE_VAULT_UNSEAL_ACTORS',
} as const;

/**
 * Names of the variables of a process that calls the vault, besides `ENV.environment` and `ENV.intakeKeys`:
 * `vault.connect` sets them, and `ShareVaultClient.fromEnvironment` reads them.
 */
export const CONSUMER_ENV = {
  actor: 'SHARE_VAULT_ACTOR',
  seal: 'SHARE_VAULT_SEAL_FUNCTION',
  unseal: 'SHARE_VAULT_UNSEAL_FUNCTION',
  revoke: 'SHARE_VAULT_REVOKE_FUNCTION',
  properties: 'SHARE_VAULT_PROPERTIES_FUNCTION',
  audit: 'SHARE_VAULT_AUDIT_FUNCTION',
  freeze: 'SHARE_VAULT_FREEZE_FUNCTION',
  thaw: 'SHARE_VAULT_THAW_FUNCTION',
} as const;
