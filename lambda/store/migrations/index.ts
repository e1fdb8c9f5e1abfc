import { TABLES } from './0001-tables.sql';
import { ACCESS_LOG } from './0002-access-log.sql';
import { SEAL } from './0003-seal.sql';
import { UNSEAL } from './0004-unseal.sql';
import { REVOKE } from './0005-revoke.sql';
import { AUDIT } from './0006-audit.sql';
import type { Migration } from './migration';

/** In order. */
export const MIGRATIONS: readonly Migration[] = [
  { name: '0001-tables', sql: TABLES },
  { name: '0002-access-log', sql: ACCESS_LOG },
  { name: '0003-seal', sql: SEAL },
  { name: '0004-unseal', sql: UNSEAL },
  { name: '0005-revoke', sql: REVOKE },
  { name: '0006-audit', sql: AUDIT },
];
