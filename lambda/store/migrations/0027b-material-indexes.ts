import { indexMigration } from './migration';

const columns = 'encryption_key_id, key_material_id, created_at';

/** For the census, and for the choice of records to reseal. */
export const MATERIAL_INDEXES = indexMigration('0027b-material-indexes', [
  { name: 'idx_delegated_shares_material', table: 'delegated_shares', columns },
  { name: 'idx_server_key_shares_material', table: 'server_key_shares', columns },
]);
