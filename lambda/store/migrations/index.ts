import { TABLES } from './0001-tables.sql';
import { ACCESS_LOG } from './0002-access-log.sql';
import { SEAL } from './0003-seal.sql';
import { UNSEAL } from './0004-unseal.sql';
import { REVOKE } from './0005-revoke.sql';
import { AUDIT } from './0006-audit.sql';
import { RECEIVE } from './0007-receive.sql';
import { PROPERTIES } from './0008-properties.sql';
import { SWEEP } from './0009-sweep.sql';
import { ORDER } from './0013-order.sql';
import { ORDER_DIRECT } from './0013-order-direct.sql';
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
  { name: '0013-order', sql: ORDER + ORDER_DIRECT },
];
