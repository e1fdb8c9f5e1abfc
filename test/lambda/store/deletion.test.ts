import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { KINDS } from '../../../lambda/contract/kinds';
import { parseMessage } from '../../../lambda/message';
import { PostgresReseals } from '../../../lambda/store/reseals';
import { Session } from '../../../lambda/store/session';
import type { NewRecord, RecordStore } from '../../../lambda/store/store';
import { TestDatabase, soon } from '../../support/postgres';
import { caller, newRecord, newWallet } from './fixtures';
import { placesOf } from './old-bytes';
import { KEYS, MATERIAL_IDS, TARGET, fakeOpen, fakeSeal } from './reseal-support';

/**
 * What PostgreSQL's files still have of a message that the vault destroyed: docs/deletion.md has the results. A database
 * for each test, since a search reads all files.
 */

const TABLE = 'vault.delegated_shares';
/** Records that share a page, and more than a page of them. */
const NEIGHBOURS = 20;

let database: TestDatabase;
let superuser: Client;
let sealer: RecordStore;
beforeEach(async () => {
  // a run of autovacuum would change the places
  database = await TestDatabase.start({ autovacuum: 'off', full_page_writes: 'on' });
  superuser = await database.superuser();
  sealer = await database.store('vault_sealer');
});
afterEach(() => database.stop());

/** Seals a record whose longer message is stored outside its row, as those of real delegated shares are. */
async function seal(bytes = 1_000, changes: Partial<NewRecord> = {}): Promise<NewRecord> {
  const context = new Map([['field', 'x'.repeat(100)]]);
  const sealed = {
    delegatedShare: fakeSeal(randomBytes(bytes), context),
    walletApiKey: fakeSeal(randomBytes(600), context),
  };
  const record = newRecord(newWallet(), { sealed, keyId: KEYS.former, keyMaterialId: MATERIAL_IDS.old, ...changes });
  await sealer.seal(record, caller, soon());
  return record;
}

async function sealNeighbours(count = NEIGHBOURS): Promise<void> {
  for (let i = 0; i < count; i++) await seal();
}

/** Seals a record whose row and longer message are the last ones of pages that they share with others. */
async function sealBehindOthers(): Promise<NewRecord> {
  const { rows } = await superuser.query<{ toast: string }>(
    'SELECT reltoastrelid::regclass::text AS toast FROM pg_class WHERE oid = $1::regclass',
    [TABLE],
  );
  const last = (table: string) =>
    superuser.query<{ line: string }>(`SELECT split_part(trim('()' FROM ctid::text), ',', 2) AS line FROM ${table}
      ORDER BY ctid DESC LIMIT 1`);
  for (;;) {
    const record = await seal();
    const lines = await Promise.all([TABLE, rows[0]?.toast ?? ''].map(last));
    if (lines.every(({ rows: [at] }) => Number(at?.line) > 1)) return record;
  }
}

const places = ({ sealed }: NewRecord) => placesOf(superuser, database.dataDir, TABLE, sealed);
const isStored = async ({ recordId }: NewRecord) =>
  (await superuser.query(`SELECT FROM ${TABLE} WHERE id = $1`, [recordId])).rowCount === 1;

async function revoke(record: NewRecord): Promise<void> {
  await (await database.store('vault_revoker')).revoke(record, KINDS, 'user left', caller, soon());
}

async function sweep(record: NewRecord): Promise<void> {
  const { walletId, chain, recordId } = record;
  await seal(1_000, { walletId, chain, supersedes: recordId });
  await superuser.query(`UPDATE ${TABLE} SET superseded_at = now() - interval '31 days' WHERE id = $1`, [recordId]);
  await superuser.query('SELECT vault_api.destroy_expired()');
}

async function reseal(record: NewRecord): Promise<void> {
  const session = new Session(await database.settings('vault_resealer'));
  const reseals = new PostgresReseals(session);
  await reseals.start('run', TARGET, soon());
  const claimed = await reseals.claim('run', [KEYS.former, KEYS.present], 100, 'request-1', soon());
  const done = await Promise.all(
    claimed
      .filter(({ recordId }) => recordId === record.recordId)
      .map(async (each) => {
        const sealed = Object.entries(each.sealed).map(async ([name, message]) => {
          const { context } = parseMessage(message);
          return [name, fakeSeal(await fakeOpen(message), context)] as const;
        });
        return { record: each, sealed: Object.fromEntries(await Promise.all(sealed)), ...TARGET };
      }),
  );
  await reseals.finish('run', done, soon());
  await session.close();
}

const WAYS = [
  ['revoked', revoke],
  ['superseded and swept', sweep],
  ['resealed', reseal],
] as const;

describe('the bytes of a message', () => {
  test('are in the table, in its table for long values and in the log of changes, and nowhere else', async () => {
    const record = await seal();
    await superuser.query('ANALYZE');

    expect(await places(record)).toEqual(['table', 'toast', 'wal']);
  });

  test.each(WAYS)('stay in these places after the record was %s', async (how, act) => {
    await sealNeighbours();
    const record = await seal();
    await act(record);

    expect(await isStored(record)).toBe(how === 'resealed');
    expect(await places(record)).toEqual(['table', 'toast', 'wal']);
  });

  test.each(WAYS)('are in no table any more once the tables were rewritten after it was %s', async (_how, act) => {
    await sealNeighbours();
    const record = await seal();
    await act(record);
    await superuser.query(`VACUUM FULL ${TABLE}`);

    expect(await places(record)).toEqual(['wal']);
  });

  test('stay in both tables after VACUUM if nothing follows them in their pages', async () => {
    const record = await sealBehindOthers();
    await revoke(record);
    await superuser.query(`VACUUM ${TABLE}`);

    expect(await places(record)).toEqual(['table', 'toast', 'wal']);
  });

  test('are overwritten by VACUUM if others follow them in their pages', async () => {
    await sealNeighbours();
    const record = await seal();
    await sealNeighbours();
    await revoke(record);
    await superuser.query(`VACUUM ${TABLE}`);

    expect(await places(record)).toEqual(['wal']);
  });

  test('of a long message stay in the table for long values after VACUUM, until records reuse its pages', async () => {
    await sealNeighbours();
    const record = await seal(20_000);
    await sealNeighbours();
    await revoke(record);
    await superuser.query(`VACUUM ${TABLE}`);
    const afterVacuum = await places(record);
    await sealNeighbours();

    expect(afterVacuum).toEqual(['toast', 'wal']);
    expect(await places(record)).toEqual(['wal']);
  });

  test('stay in the log of changes in a file that is kept for later use, until changes overwrite it', async () => {
    const record = await seal();
    await revoke(record);
    await superuser.query(`VACUUM FULL ${TABLE}`);
    const seen: unknown[] = [];
    for (let files = 0; files < 8; files++) {
      await superuser.query('SELECT pg_switch_wal()');
      await seal();
      seen.push(await places(record));
    }

    expect(seen[0]).toEqual(['wal']);
    expect(seen.at(-1)).toEqual([]);
  });
});
