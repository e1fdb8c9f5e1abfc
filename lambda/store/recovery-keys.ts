import type { ClientBase } from 'pg';
import { VaultError } from '../contract/errors';
import { type RecoveryPublicKey, recoveryKeyInfo, recoveryKeysDigest } from '../contract/recovery';
import { RECOVERY_KEYS_CHANGED } from '../contract/warnings';
import { flag, texts } from './rows';
import type { Row } from './session';
import { sealedTables } from './share-keys';

export type RecoveryKey = Pick<RecoveryPublicKey, 'name' | 'fingerprint'>;

/** What a deploy says about the vault's recovery keys. */
export interface RecoveryStatement {
  readonly keys: readonly RecoveryKey[];
  /** the digest of a changed list @default - the list is that of the former deploy */
  readonly change?: string | undefined;
}

/** A list that a deploy stated. */
interface StatedList {
  readonly keys: readonly RecoveryKey[];
  readonly recent: boolean;
}

/** For so long, a deploy can be rolled back: the list before it is accepted without a statement. */
const ROLLBACK = `interval '1 hour'`;

/**
 * Throws `Misconfigured` if the recovery keys are not those of the former deploy and the change is not stated: whoever
 * has a recovery key reads every record that is sealed from now on. The first deploy of a vault without records states
 * nothing. Reads as the owner; a database without the table has had no recovery keys.
 */
export async function requireStatedRecoveryKeys(client: ClientBase, statement: RecoveryStatement): Promise<void> {
  const { keys, change } = statement;
  const [present, former] = await statedLists(client);
  const digest = digestOf(keys);
  const accepted = [change, present === undefined ? undefined : digestOf(present.keys)];
  if (present?.recent === true && former !== undefined) accepted.push(digestOf(former.keys));
  if (accepted.includes(digest)) return;
  if (present === undefined && (keys.length === 0 || !(await hasRecords(client)))) return;
  throw new VaultError(
    'Misconfigured',
    `recovery keys: expected those of the former deploy, got ${differences(present?.keys ?? [], keys)}: nothing was changed; to change them, state ${digest} (recoveryKeysChange)`,
  );
}

/** Remembers the recovery keys of this deploy. Returns a sentence about their change, if a former deploy had others. */
export async function rememberRecoveryKeys(
  client: ClientBase,
  statement: RecoveryStatement,
): Promise<string | undefined> {
  await requireStatedRecoveryKeys(client, statement);
  const { keys } = statement;
  const [present] = await statedLists(client);
  const infos = (list: readonly RecoveryKey[]) => list.map(recoveryKeyInfo).sort().join();
  if (present !== undefined && infos(present.keys) === infos(keys)) return undefined;
  await client.query('INSERT INTO vault.recovery_key_lists (names, fingerprints) VALUES ($1, $2)', [
    keys.map(({ name }) => name),
    keys.map(({ fingerprint }) => fingerprint),
  ]);
  if (present === undefined && keys.length === 0) return undefined;
  return `${RECOVERY_KEYS_CHANGED}: ${differences(present?.keys ?? [], keys)}`;
}

/** Returns the two last lists, the last one first. */
async function statedLists(client: ClientBase): Promise<readonly StatedList[]> {
  const { rows: tables } = await client.query<Row>(
    "SELECT pg_catalog.to_regclass('vault.recovery_key_lists') IS NOT NULL AS present",
  );
  if (tables[0] === undefined || !flag(tables[0], 'present')) return [];
  const { rows } = await client.query<Row>(
    `SELECT names, fingerprints, stated_at > pg_catalog.clock_timestamp() - ${ROLLBACK} AS recent
      FROM vault.recovery_key_lists ORDER BY id DESC LIMIT 2`,
  );
  return rows.map((row) => ({ keys: keysOf(row), recent: flag(row, 'recent') }));
}

function keysOf(row: Row): readonly RecoveryKey[] {
  const fingerprints = texts(row, 'fingerprints');
  return texts(row, 'names').map((name, i) => ({ name, fingerprint: fingerprints[i] ?? '' }));
}

async function hasRecords(client: ClientBase): Promise<boolean> {
  for (const table of await sealedTables(client)) {
    const { rows } = await client.query(`SELECT FROM ${table} LIMIT 1`);
    if (rows.length > 0) return true;
  }
  return false;
}

const digestOf = (keys: readonly RecoveryKey[]): string =>
  recoveryKeysDigest(keys.map(({ fingerprint }) => fingerprint));

/** Returns the names and fingerprints of the keys that only one of the lists has. */
function differences(before: readonly RecoveryKey[], after: readonly RecoveryKey[]): string {
  const without = (list: readonly RecoveryKey[], other: readonly RecoveryKey[]) =>
    list.filter(({ fingerprint }) => !other.some((each) => each.fingerprint === fingerprint)).map(recoveryKeyInfo);
  const parts = [
    ['added', without(after, before)],
    ['removed', without(before, after)],
  ] as const;
  const said = parts.filter(([, keys]) => keys.length > 0).map(([what, keys]) => `${what} ${keys.join(', ')}`);
  return said.length > 0 ? said.join('; ') : 'the same under other names';
}
