import { randomBytes, randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Client, DatabaseError } from 'pg';
import { newTransportId, newWallet, outcomes, rowsOf } from './fixtures';
import { RECORDS } from './routes';
import { database, superuser } from './stores';
import { LOGGED, NOT_LOGGED, record, unsealer, useRecord, useWayPastGuard, wallet } from './unseal-by-hand';

// Lists of records that no handler sends, with a database user of the vault.

useWayPastGuard();
useRecord(RECORDS);

type Item = Readonly<Record<string, unknown>>;

const UNSEAL = "CALL vault_api.unseal_records($1::json, 'why', 'me', 'request-1', NULL)";
const BEGIN_PAST_GUARD = "CALL by_hand.unseal_records($1::json, 'why', 'me', 'request-1', NULL)";
const itemOf = (walletId: string): Item => ({ kind: 'delegated-share', wallet_id: walletId, chain: 'EVM' });
const other = itemOf('another wallet');

/** Items that a call is refused for, wherever they are in its list, and the code. */
const BAD_ITEMS: readonly (readonly [string, unknown, string])[] = [
  ['without a kind', { wallet_id: 'w', chain: 'EVM' }, '22023'],
  ['of no kind', { ...other, kind: null }, '22023'],
  ['of another kind', { ...other, kind: 'server_key_shares' }, '22023'],
  ['of a list of kinds', { ...other, kind: ['delegated-share'] }, '22023'],
  ['without a wallet', { kind: 'delegated-share', chain: 'EVM' }, '22023'],
  ['of no wallet', { ...other, wallet_id: null }, '22023'],
  ['without a chain', { kind: 'delegated-share', wallet_id: 'w' }, '22023'],
  ['of a wallet with a NUL', { ...other, wallet_id: '\0' }, '22P05'],
  ['of a wallet with half a character', { ...other, wallet_id: '\ud800' }, '22P02'],
  ['of a wallet that is too long', { ...other, wallet_id: 'w'.repeat(256) }, '22001'],
  ['of a chain that is too long', { ...other, chain: 'c'.repeat(11) }, '22001'],
  ['of a user that is too long', { ...other, user_id: 'u'.repeat(256) }, '22001'],
  ['that is null', null, '22023'],
  ['that is a text', 'x', '22023'],
  ['that is a list', [other], '22023'],
];
/** Lists that a call is refused for. */
const BAD_LISTS: readonly (readonly [string, string | null, string])[] = [
  ['that is missing', null, '22023'],
  ['that is null', 'null', '22023'],
  ['that is a text', '"x"', '22023'],
  ['that is an object', JSON.stringify(other), '22023'],
  ['of no items', '[]', '22023'],
  ['of 101 items', JSON.stringify(Array.from({ length: 101 }, () => other)), '22023'],
  ['that ends too early', '[', '22P02'],
  ['that is nested too deeply', '['.repeat(200_000), '54001'],
];

/** Returns code and place of a call's error, or its rows. */
async function endOf(client: Client, text: string, items: string | null): Promise<unknown> {
  return client.query<{ results: unknown }>(text, [items]).then(
    ({ rows }) => rows,
    (error: unknown) => error instanceof DatabaseError && [error.code, error.where],
  );
}

/** Returns the number of rows that the transaction looked up in the vault's tables or wrote to them. */
async function touched(client: Client): Promise<number> {
  const { rows } = await client.query<{ rows: string | null }>(
    `SELECT sum(idx_scan + seq_scan + n_tup_ins + n_tup_upd) AS rows FROM pg_stat_xact_all_tables
      WHERE schemaname = 'vault'`,
  );
  return Number(rows[0]?.rows);
}

describe('an unseal of a list', () => {
  test.each(BAD_ITEMS)('with an item %s is refused before anything is looked up', async (_, bad, code) => {
    const errors = [wallet[0], 'no wallet'].map((id) => endOf(unsealer, UNSEAL, JSON.stringify([itemOf(id), bad])));

    const [known, unknown] = await Promise.all(errors);

    expect(known).toEqual([code, expect.any(String)]);
    expect(unknown).toEqual(known);
    await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
    await unsealer.query('BEGIN; SAVEPOINT before');
    await endOf(unsealer, BEGIN_PAST_GUARD, JSON.stringify([itemOf(wallet[0]), bad]));
    await unsealer.query('ROLLBACK TO before');
    await expect(touched(unsealer)).resolves.toBe(0);
    await unsealer.query('ROLLBACK');
  });

  test.each(BAD_LISTS)('%s is refused', async (_, items, code) => {
    await expect(endOf(unsealer, UNSEAL, items)).resolves.toEqual([code, expect.anything()]);
  });

  test('ignores members that it does not know', async () => {
    const items = JSON.stringify([{ ...itemOf(wallet[0]), junk: { deep: [1, { x: null }] }, outcome: 'granted' }]);
    const { rows } = await unsealer.query(UNSEAL, [items]);
    expect(RECORDS.openedIn(rows)).toEqual({ outcome: 'granted', sealed: record.sealed });
  });

  test('reads another type as its text, and finds no wallet by it', async () => {
    const odd = [{ a: wallet[0] }, [wallet[0]], 5, true].map((wallet_id) => ({ ...other, wallet_id }));
    const { rows } = await unsealer.query<{ results: unknown }>(UNSEAL, [JSON.stringify(odd)]);
    expect(rows).toEqual([{ results: odd.map(() => ({ outcome: 'not-found' })) }]);
  });

  test('reads the last of two members of one name, and logs the wallet that it opens', async () => {
    const items = `[{"kind":"server-key-shares","kind":"delegated-share","wallet_id":"no wallet","wallet_id":"${wallet[0]}","chain":"EVM"}]`;
    const { rows } = await unsealer.query(UNSEAL, [items]);
    expect(RECORDS.openedIn(rows)).toMatchObject({ outcome: 'granted' });
    await expect(outcomes(superuser, record)).resolves.toEqual(LOGGED);
  });

  test('reads a list with much junk, and opens its items only', async () => {
    const items = JSON.stringify([{ ...itemOf(wallet[0]), junk: 'x'.repeat(5_000_000) }]);
    const { rows } = await unsealer.query(UNSEAL, [items]);
    expect(RECORDS.openedIn(rows)).toMatchObject({ outcome: 'granted' });
  });
});

describe('a seal of a list', () => {
  const SEAL = "SELECT vault_api.seal_records($1::json, 'me', 'request-1') AS results";
  const bytea = (length: number) => `\\x${randomBytes(length).toString('hex')}`;
  let sealer: Client;
  let good: Item;
  beforeEach(async () => {
    const { walletId, chain } = newWallet();
    const sealed = { delegated_share: bytea(9), wallet_api_key: bytea(9), key_id: 'key' };
    const ids = { record_id: randomUUID(), transport_ids: [newTransportId()] };
    good = { kind: 'delegated-share', wallet_id: walletId, chain, ...sealed, ...ids };
    sealer = await database.login('vault_sealer');
  });
  const next = (changes: Item): Item => ({
    ...good,
    wallet_id: newWallet().walletId,
    record_id: randomUUID(),
    transport_ids: [newTransportId()],
    ...changes,
  });

  test.each<[string, Item, string]>([
    ['without a kind', { kind: undefined }, '22023'],
    ['of another kind', { kind: 'other' }, '22023'],
    ['without a wallet', { wallet_id: null }, '22023'],
    ['without a chain', { chain: undefined }, '22023'],
    ['without a record id', { record_id: null }, '22023'],
    ['with another record id than a UUID', { record_id: 'x' }, '22P02'],
    ['without a message', { wallet_api_key: undefined }, '22023'],
    ['with an empty message', { wallet_api_key: '\\x' }, '23514'],
    ['with a message that is too long', { wallet_api_key: bytea(73_729) }, '23514'],
    ['with a message that is not in hex', { wallet_api_key: '\\xzz' }, '22023'],
    ['with the materials of the other kind', { kind: 'server-key-shares' }, '22023'],
    ['without transports', { transport_ids: [] }, '22023'],
    ['with a transport that is null', { transport_ids: [null] }, '22023'],
    ['with a number for its transports', { transport_ids: 5 }, '22P02'],
    ['with a user that is too long', { user_id: 'u'.repeat(256) }, '22001'],
    ['with a user of a NUL', { user_id: '\0' }, '22P05'],
    ['with a version beyond all numbers', { expected_version: 1e30 }, '22P02'],
    ['with properties without their digest', { wallet_properties: 'p', has_backup_info: false }, '22023'],
    [
      'with properties of unknown backup information',
      { wallet_properties: 'p', properties_sha256: bytea(32) },
      '22023',
    ],
  ])('with an item %s is refused, and stores none of its items', async (_, bad, code) => {
    const items = JSON.stringify([good, next(bad)]);
    await expect(endOf(sealer, SEAL, items)).resolves.toEqual([code, expect.any(String)]);
    await expect(rowsOf(superuser, { walletId: String(good.wallet_id), chain: 'EVM' })).resolves.toBe(0);
  });

  test.each(BAD_LISTS)('%s is refused', async (_, items, code) => {
    await expect(endOf(sealer, SEAL, items)).resolves.toEqual([code, expect.anything()]);
  });

  test.each([null, 'x', 5, []])('with the item %j is refused, and stores none of its items', async (bad) => {
    await expect(endOf(sealer, SEAL, JSON.stringify([good, bad]))).resolves.toEqual([
      expect.stringMatching(/^22/),
      expect.any(String),
    ]);
    await expect(rowsOf(superuser, { walletId: String(good.wallet_id), chain: 'EVM' })).resolves.toBe(0);
  });

  test('stores no material of the other kind that an item has too', async () => {
    const { rows } = await sealer.query(SEAL, [JSON.stringify([{ ...good, server_key_shares: bytea(9) }])]);
    expect(rows).toMatchObject([{ results: [{ record_id: good.record_id }] }]);
    const kinds = await superuser.query('SELECT FROM vault.server_key_shares WHERE id = $1', [good.record_id]);
    expect(kinds.rowCount).toBe(0);
  });
});
