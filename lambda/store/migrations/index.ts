import { TABLES } from './0001-tables.sql';
import { ACCESS_LOG } from './0002-access-log.sql';
import { SEAL } from './0003-seal.sql';
import { UNSEAL } from './0004-unseal.sql';
import { REVOKE } from './0005-revoke.sql';
import { AUDIT } from './0006-audit.sql';
import { RECEIVE } from './0007-receive.sql';
import { PROPERTIES } from './0008-properties.sql';
import { SWEEP } from './0009-sweep.sql';
import { LOG_ROWS } from './0010-log-rows.sql';
import { UNSEAL_OUTCOME } from './0011-unseal-outcome.sql';
import { INDEXES } from './0011b-indexes.sql';
import { SETTINGS } from './0012-settings.sql';
import { ORDER_DIRECT } from './0013-order-direct.sql';
import { ORDER } from './0013-order.sql';
import { CANONICAL } from './0014-canonical.sql';
import { READ_LOG } from './0015-read-log.sql';
import { REVOCATION_TIME } from './0016-revocation-time.sql';
import { SERVER_KEY_SHARES } from './0017-server-key-shares.sql';
import { REPLACE_PROPERTIES } from './0018-replace-properties.sql';
import { SEAL_RECORDS } from './0019-seal-records.sql';
import { UNSEAL_RECORDS } from './0020-unseal-records.sql';
import { LIST_WALLETS } from './0021-list-wallets.sql';
import { UNSEAL_OF_NEW_WALLETS } from './0022-unseal-of-new-wallets.sql';
import { WRAPPED_KEYS } from './0023-wrapped-keys.sql';
import { RECOVERY_KEYS } from './0024-recovery-keys.sql';
import { BODIES } from './0025-bodies.sql';
import { RESERVED_BODIES } from './0026-reserved-bodies.sql';
import { MATERIALS } from './0027-materials.sql';
import { MATERIAL_INDEXES } from './0027b-material-indexes';
import { FREEZE } from './0028-freeze.sql';
import { RESEAL } from './0029-reseal.sql';
import { SHARE_KEYS } from './0030-share-keys.sql';
import { RESTORE } from './0031-restore.sql';
import { TOMBSTONES_INDEX } from './0031b-tombstones-index';
import { KEPT_TOMBSTONES, PENDING_TOMBSTONES } from './0033-kept-tombstones.sql';
import { DELETION } from './0034-deletion.sql';
import { RESTORE_CHECKS } from './0035-restore-checks.sql';
import { KEPT_RECEIPTS } from './0036-kept-receipts.sql';
import { RETIRED_KEYS } from './0037-retired-keys.sql';
import { RESEAL_COUNTS } from './0038-reseal-counts.sql';
import { SEALING_KEYS } from './0038-sealing-keys.sql';
import { GENERATIONS_WITH_TOKENS } from './0039-generations.sql';
import { PENDING_BY_PART } from './0039-tombstones.sql';
import { RESEAL_PLANS } from './0040-reseal-plans.sql';
import { LOG_BASES } from './0041-log-bases.sql';
import { LOG_PARTITIONS } from './0042-log-partitions.sql';
import { LOG_ARCHIVES } from './0043-log-archives.sql';
import { LOG_MONTHS } from './0043-log-months.sql';
import { LOG_READERS } from './0043-log-readers.sql';
import type { Migration } from './migration';

/** In order. */
export const MIGRATIONS: readonly Migration[] = [
  { name: '0001-tables', sql: TABLES },
  { name: '0002-access-log', sql: ACCESS_LOG },
  { name: '0003-seal', sql: SEAL },
  { name: '0004-unseal', sql: UNSEAL },
  { name: '0005-revoke', sql: REVOKE },
  { name: '0006-audit', sql: AUDIT },
  { name: '0007-receive', sql: RECEIVE },
  { name: '0008-properties', sql: PROPERTIES },
  { name: '0009-sweep', sql: SWEEP },
  { name: '0010-log-rows', sql: LOG_ROWS },
  { name: '0011-unseal-outcome', sql: UNSEAL_OUTCOME },
  { name: '0011b-indexes', sql: INDEXES },
  { name: '0012-settings', sql: SETTINGS },
  { name: '0013-order', sql: ORDER + ORDER_DIRECT },
  { name: '0014-canonical', sql: CANONICAL },
  { name: '0015-read-log', sql: READ_LOG },
  { name: '0016-revocation-time', sql: REVOCATION_TIME },
  { name: '0017-server-key-shares', sql: SERVER_KEY_SHARES },
  { name: '0018-replace-properties', sql: REPLACE_PROPERTIES },
  { name: '0019-seal-records', sql: SEAL_RECORDS },
  { name: '0020-unseal-records', sql: UNSEAL_RECORDS },
  { name: '0021-list-wallets', sql: LIST_WALLETS },
  { name: '0022-unseal-of-new-wallets', sql: UNSEAL_OF_NEW_WALLETS },
  { name: '0023-wrapped-keys', sql: WRAPPED_KEYS },
  { name: '0024-recovery-keys', sql: RECOVERY_KEYS },
  { name: '0025-bodies', sql: BODIES },
  { name: '0026-reserved-bodies', sql: RESERVED_BODIES },
  { name: '0027-materials', sql: MATERIALS },
  MATERIAL_INDEXES,
  { name: '0028-freeze', sql: FREEZE },
  { name: '0029-reseal', sql: RESEAL },
  { name: '0030-share-keys', sql: SHARE_KEYS },
  { name: '0031-restore', sql: RESTORE },
  TOMBSTONES_INDEX,
  { name: '0033-kept-tombstones', sql: KEPT_TOMBSTONES },
  PENDING_TOMBSTONES,
  { name: '0034-deletion', sql: DELETION },
  { name: '0035-restore-checks', sql: RESTORE_CHECKS },
  { name: '0036-kept-receipts', sql: KEPT_RECEIPTS },
  { name: '0037-retired-keys', sql: RETIRED_KEYS },
  { name: '0038-reseal-mends', sql: RESEAL_COUNTS + SEALING_KEYS },
  { name: '0039-tombstones', sql: GENERATIONS_WITH_TOKENS + PENDING_BY_PART },
  { name: '0040-reseal-plans', sql: RESEAL_PLANS },
  { name: '0041-log-bases', sql: LOG_BASES },
  { name: '0042-log-partitions', sql: LOG_PARTITIONS },
  { name: '0043-log-archives', sql: LOG_MONTHS + LOG_ARCHIVES + LOG_READERS },
];
