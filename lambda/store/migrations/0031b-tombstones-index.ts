import { indexMigration } from './migration';

/** For lists of tombstones. */
export const TOMBSTONES_INDEX = indexMigration('0031b-tombstones-index', [
  {
    name: 'idx_wallets_tombstones',
    table: 'wallets',
    columns: 'wallet_id, chain',
    where: 'revoked_until_ns IS NOT NULL OR server_key_shares_revoked_at IS NOT NULL',
  },
]);
