/**
 * The database users that log in with a token: IAM has to allow `rds-db:connect`. Reviewed apart from the roles that a
 * migration creates; a test compares the list with the database.
 */
export const DATABASE_USERS = [
  'vault_receiver',
  'vault_sealer',
  'vault_unsealer',
  'vault_revoker',
  'vault_reader',
  'vault_auditor',
  'vault_freezer',
  'vault_thawer',
  'vault_resealer',
  'vault_restore_checker',
];
