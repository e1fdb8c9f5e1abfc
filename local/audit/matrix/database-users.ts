/** The database users that log in with a token: IAM has to allow `rds-db:connect`. */
export const DATABASE_USERS = [
  'vault_receiver',
  'vault_sealer',
  'vault_unsealer',
  'vault_revoker',
  'vault_reader',
  'vault_auditor',
];
