import type { ClientBase } from 'pg';
import type { MeasuredMaterials } from '../contract/measured-materials';
import type { MigrateResponse } from '../contract/responses';
import { SETTING_RESET } from '../contract/warnings';
import { type Deadline, deadlineIn } from '../invocation/deadline';
import { VaultError } from '../contract/errors';
import { rememberBodyPlace, requireBodyPlace } from './body-place';
import { BOOTSTRAP, OPEN_DATABASES, OWN_SETTINGS } from './bootstrap';
import { buildIndexes, missingIndexes } from './build-indexes';
import { countFreezes } from './count-freezes';
import { type Generation, isAnotherDatabase, noteGeneration } from './generation';
import { HISTORY, readHistory, requireSameHistory, sha256Of } from './history';
import { MIGRATIONS } from './migrations';
import type { Index, Migration } from './migrations/migration';
import { keepLogPartitions } from './log-partitions';
import { AUDIT_BOOTSTRAP, auditObjects } from './object-audit';
import { queryError } from './pg-errors';
import { measureMaterials } from './measure-materials';
import { pinSettings } from './pin-settings';
import { count, only, text } from './rows';
import type { Row } from './session';
import { type RecoveryStatement, rememberRecoveryKeys, requireStatedRecoveryKeys } from './recovery-keys';
import { rememberShareKeys, requireListedBefore, requireShareKeys, sealedTables } from './share-keys';
import { type LockOptions, Transactions } from './transactions';

export interface MigrateOptions extends LockOptions {
  /** @default - this release's */
  readonly migrations?: readonly Migration[];
  /**
   * ids of the keys that open from now on, the one that seals first: a missing one refuses the deploy, and a sealing one
   * that is new to a vault with records @default - any
   */
  readonly shareKeys?: readonly string[];
  /** whether the call is one of the schedule, and not a deploy @default - a deploy */
  readonly isSweep?: boolean;
  /** the vault's recovery keys: a change that is not stated refuses the deploy @default - those of the former deploy */
  readonly recoveryKeys?: RecoveryStatement;
  /** the store of bodies outside the database: another one refuses the deploy while records have bodies there @default - any */
  readonly bodyStore?: BodyPlace;
  /** which database this is: another one than the former deploy's is frozen, by a deploy only @default - the former one */
  readonly generation?: Generation;
  /** when to be done: expired records that there is no time for are left to the next call @default - in 60 s */
  readonly deadline?: Deadline;
}

/** The store that a deploy names for bodies. */
export interface BodyPlace {
  /** @default - none: bodies are in the database */
  readonly place: string | undefined;
}

/** Report of a migration on the database. */
export type Migrated = Omit<MigrateResponse, 'user'>;

/** Two migrations take turns, transaction by transaction. Only the owner may lock the table, and reading it goes on. */
const LOCK_HISTORY = 'LOCK TABLE vault.migrations IN SHARE ROW EXCLUSIVE MODE';
/** Reserved for the last batch and the response. */
export const SWEEP_MARGIN_MS = 15_000;
/** What a measurement leaves of it to the response. */
const RESPONSE_MS = 5_000;
const UNMEASURED = 'records on former key materials could not be measured';

/**
 * Brings the database to this release's schema, or leaves a later one unchanged: the old code runs against the new schema
 * after a rollback. The client logs in as the master, to make the roles too. Throws `VaultError`:
 * `InternalError` if an applied migration is not the one that this release has or if one fails, `Misconfigured` if a record
 * is sealed under a share key that is not given, if the key that seals is new, if a record has its body in a store that is
 * not given, or if the recovery keys changed without a statement, `StoreUnavailable` if another session is in the way for
 * too long. Each migration is applied whole or not at all.
 */
export async function migrate(client: ClientBase, options: MigrateOptions = {}): Promise<Migrated> {
  try {
    const transactions = await Transactions.on(client, options);
    await checkKeys(client, transactions, options);
    const response = await bringUpToDate(client, transactions, options);
    const deadline = options.deadline ?? deadlineIn(60_000);
    // first: the sweep makes months too, for former releases, and would hold their lock until its batch ends
    const kept = withWarning(response, await keepLogPartitions(client, transactions, deadline));
    await sweep(client, transactions, deadline);
    return await withMaterials(kept, () => measure(client, transactions, options, deadline));
  } catch (error) {
    throw error instanceof VaultError ? error : queryError(error);
  }
}

/** Before anything is changed: a refused deploy leaves the database to the former one. */
async function checkKeys(
  client: ClientBase,
  transactions: Transactions,
  { shareKeys, recoveryKeys, bodyStore, generation }: MigrateOptions,
): Promise<void> {
  const tables = await sealedTables(client);
  if (tables.length === 0) return;
  if (shareKeys !== undefined) {
    await transactions.asOwner(() => requireShareKeys(client, tables, shareKeys));
    await transactions.asOwner(() => requireTradedKeys(client, tables, shareKeys, generation));
  }
  if (recoveryKeys !== undefined) await transactions.asOwner(() => requireStatedRecoveryKeys(client, recoveryKeys));
  if (bodyStore !== undefined) await transactions.asOwner(() => requireBodyPlace(client, bodyStore.place));
}

/** Checks that the sealing key was listed before, unless the list is of a backup: from before the keys traded places. */
async function requireTradedKeys(
  client: ClientBase,
  tables: readonly string[],
  shareKeys: readonly string[],
  generation: Generation | undefined,
): Promise<void> {
  if (generation !== undefined && (await isAnotherDatabase(client, generation))) return;
  await requireListedBefore(client, tables, shareKeys);
}

async function bringUpToDate(
  client: ClientBase,
  transactions: Transactions,
  { migrations = MIGRATIONS, ...stated }: MigrateOptions,
): Promise<Migrated> {
  const settings = await transactions.asMaster(() => makeRoles(client));
  await transactions.createAsOwner(() => client.query(HISTORY));
  const applied: string[] = [];
  for (;;) {
    const next = await transactions.asOwner(() => applyNext(client, migrations));
    if (next === undefined) break;
    if ('build' in next) await transactions.outside((waitMs) => buildIndexes(client, next.build, waitMs));
    else applied.push(next.applied);
  }
  const { current, audited, frozen, changes } = await transactions.asOwner(() => finish(client, stated));
  const warnings = [...settings, ...changes, ...(await openDatabases(client))];
  return { applied, current, audited, frozen, ...(warnings.length > 0 && { warnings }) };
}

/** Makes the roles; returns the settings of login roles for their own sessions, and takes them back. */
async function makeRoles(client: ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<Row>(OWN_SETTINGS);
  await client.query(BOOTSTRAP + AUDIT_BOOTSTRAP);
  return rows.map((row) => `${SETTING_RESET}: ${text(row, 'setting')}`);
}

async function openDatabases(client: ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<Row>(OPEN_DATABASES);
  return rows.map((row) => `login roles can connect to another database: ${text(row, 'name')}`);
}

/** Returns the name of the migration that it applied, or the indexes to build before; undefined if none is missing. */
async function applyNext(
  client: ClientBase,
  migrations: readonly Migration[],
): Promise<{ readonly applied: string } | { readonly build: readonly Index[] } | undefined> {
  await client.query(LOCK_HISTORY);
  const applied = await readHistory(client);
  requireSameHistory(applied, migrations);
  const next = migrations[applied.length];
  if (next === undefined) return undefined;
  const build = await missingIndexes(client, next.indexes ?? []);
  if (build.length > 0) return { build };
  if (next.indexes === undefined) await client.query(next.sql);
  await client.query('INSERT INTO vault.migrations (name, sha256) VALUES ($1, $2)', [next.name, sha256Of(next)]);
  return { applied: next.name };
}

/** Pins and audits everything that the migrations have made, by this release or another. Remembers what this deploy states. */
async function finish(
  client: ClientBase,
  { shareKeys, isSweep, recoveryKeys, bodyStore, generation }: MigrateOptions,
): Promise<Pick<Migrated, 'current' | 'audited' | 'frozen'> & { readonly changes: readonly string[] }> {
  await client.query(LOCK_HISTORY);
  await pinSettings(client);
  const audited = await auditObjects(client);
  const keys = recoveryKeys && (await rememberRecoveryKeys(client, recoveryKeys));
  // a sweep may be one of the former version, in the minutes of a deploy: it names the former database
  const database = generation === undefined || isSweep ? undefined : await noteGeneration(client, generation);
  if (shareKeys !== undefined) await rememberShareKeys(client, shareKeys, { isSweep });
  if (bodyStore !== undefined) await rememberBodyPlace(client, bodyStore.place);
  const current = (await readHistory(client)).at(-1)?.name ?? '';
  const frozen = await countFreezes(client);
  return { current, audited, frozen, changes: [keys, database].filter((change) => change !== undefined) };
}

/** A deploy must not fail for them: if the materials can't be measured, the report has a warning. */
async function withMaterials(migrated: Migrated, measured: () => Promise<MeasuredMaterials>): Promise<Migrated> {
  try {
    return { ...migrated, ...(await measured()) };
  } catch {
    return withWarning(migrated, UNMEASURED);
  }
}

function withWarning(migrated: Migrated, warning: string | undefined): Migrated {
  return warning === undefined ? migrated : { ...migrated, warnings: [...(migrated.warnings ?? []), warning] };
}

/** Records with a body elsewhere are never resealed: nothing is measured. */
async function measure(
  client: ClientBase,
  transactions: Transactions,
  { shareKeys: [sealing] = [], bodyStore }: MigrateOptions,
  deadline: Deadline,
): Promise<MeasuredMaterials> {
  if (sealing === undefined || bodyStore?.place !== undefined) return {};
  return transactions.asOwner(async () => {
    const limitMs = Math.max(1, Math.floor(deadline.remainingMs() - RESPONSE_MS));
    await client.query("SELECT pg_catalog.set_config('statement_timeout', $1, true)", [String(limitMs)]);
    return measureMaterials(client, sealing);
  });
}

/** Destroys expired records, each batch in a transaction of its own. */
async function sweep(client: ClientBase, transactions: Transactions, deadline: Deadline): Promise<void> {
  // the rest is for what else the call sweeps
  const own = deadlineIn((deadline.remainingMs() - SWEEP_MARGIN_MS) / 2);
  while (own.remainingMs() > 0) {
    const batch = () => client.query<Row>('SELECT vault_api.destroy_expired() AS destroyed');
    const destroyed = await transactions.asOwner(batch);
    if (count(only(destroyed.rows), 'destroyed') === 0) return;
  }
}
