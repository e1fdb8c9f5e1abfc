import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { VaultError } from '../contract/errors';
import type { Migration } from './migrations/migration';

/** The table of the migrations that a database has. */
export const HISTORY = `
  CREATE SCHEMA IF NOT EXISTS vault;
  CREATE TABLE IF NOT EXISTS vault.migrations (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
  )`;

/** A migration that a database has. */
export interface Applied {
  readonly name: string;
  readonly sha256: string;
}

export async function readHistory(client: ClientBase): Promise<readonly Applied[]> {
  const query = 'SELECT name, sha256 FROM vault.migrations ORDER BY name COLLATE "C"';
  return (await client.query<Applied>(query)).rows;
}

/** Throws unless the applied migrations begin as this release's list does, or continue after its end. */
export function requireSameHistory(applied: readonly Applied[], migrations: readonly Migration[]): void {
  for (const [index, { name, sha256 }] of applied.entries()) {
    const known = migrations[index];
    if (known === undefined) return;
    if (known.name !== name) {
      throw new VaultError('InternalError', `expected migration ${known.name} to be applied next, got ${name}`);
    }
    if (sha256Of(known) !== sha256) {
      throw new VaultError('InternalError', `expected migration ${name} as it was applied, got it changed since`);
    }
  }
}

/** Of a migration's text, in hex. */
export function sha256Of({ sql }: Migration): string {
  return createHash('sha256').update(sql, 'utf8').digest('hex');
}
