import { beforeEach, expect, test } from '@jest/globals';
import { type Client, DatabaseError } from 'pg';
import { KNOWN, type Parameter, callOf, parameters } from './parameters';
import { database, superuser, useStores } from './stores';

useStores([]);

/** Texts that functions compare with stored ones, but do not store. */
const COMPARED = [
  'delivery_seen p_event_name',
  'end_reseal p_key_ids',
  'finish_reseal p_run',
  'finish_reseals p_run',
  'keep_canary p_facts',
  'keep_delegated_tombstones p_chains',
  'keep_delegated_tombstones p_wallet_ids',
  'keep_tombstone p_chain',
  'keep_tombstone p_wallet_id',
  'keep_tombstones p_chains',
  'keep_tombstones p_wallet_ids',
  'reseal_records p_key_ids',
  'sample_reseals p_key_ids',
  'write_restore_test p_facts',
];
/** Texts of any length that functions store unchanged. */
const WHOLE = [
  'replace_properties p_properties',
  'seal_delegated_share p_wallet_properties',
  'seal_records p_records.wallet_properties',
];
/** Texts that only some values are accepted of: a stored wallet's, kinds, scopes, names of runs, or ids of key material. */
const CLOSED = [
  'accept_created_record p_key_material_id',
  'count_reseals p_outcomes',
  'count_reseals p_run',
  'end_reseal p_run',
  'freeze p_scope',
  'keep_receipt p_run',
  'note_reseal_failure p_code',
  'note_reseal_failure p_run',
  'pass_over_key p_run',
  'replace_properties p_chain',
  'replace_properties p_wallet_id',
  'reseal_records p_run',
  'revoke_kinds p_kinds',
  'seal_records p_records.key_material_id',
  'seal_records p_records.kind',
  'start_reseal p_key_material_id',
  'start_reseal p_run',
  'unseal_records p_items.kind',
  'write_reseal_receipt p_receipt',
  'write_reseal_receipt p_run',
  'write_restore_test p_restore_job_id',
];

const codeOf = (error: unknown) => (error instanceof DatabaseError ? (error.code ?? '') : String(error));

let all: readonly Parameter[];
let caring: Client;
beforeEach(async () => {
  all = await parameters(superuser);
  caring = await database.superuser();
  // ends an endless loop
  await caring.query("SET statement_timeout = '5s'");
  await caring.query('SELECT vault.lock_wallet($1, $2)', [...KNOWN]);
  // enough for one thaw in each call
  await caring.query(`INSERT INTO vault.freezes (scope, reason, frozen_by, request_id, thaw_requested_by, thaw_requested_at)
    SELECT 'callers', 'r', 'a', gen_random_uuid()::text, 'asker', clock_timestamp() FROM generate_series(1, 10)`);
  await caring.query(`INSERT INTO vault.reseal_runs (run, key_id, key_material_id, ended_at)
    VALUES ('running', 'key', '', NULL), ('ended', 'key', '', clock_timestamp()) ON CONFLICT DO NOTHING`);
  // a wallet is known by its log
  await caring.query("SELECT vault.append_log($1, $2, 'seal', 'sealed', 'a', 'q', NULL, NULL)", [...KNOWN]);
});

const texts = () => all.filter(({ type }) => type.startsWith('text'));
const nameOf = ({ routine, name }: Parameter) => `${routine} ${name}`;

/** Returns the texts that end their call in such a code if they fill their column and `more` follows. */
async function ending(test: (code: string) => boolean, more: string): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const each of texts()) {
    const code = await caring.query(callOf(all, each, more)).then(refusalIn, codeOf);
    if (test(code)) names.add(nameOf(each));
  }
  return [...names].sort();
}

/** Returns the code of a result that a function refused by a value, or that of success. */
const refusalIn = ({ rows }: { readonly rows: readonly unknown[] }) =>
  /"code":"(\w+)"/.exec(JSON.stringify(rows))?.[1] ?? '00000';

test('a text that a function writes is refused for its length with a blank more than its column holds', async () => {
  const others = await ending((code) => code !== '22001', ' ');
  expect(others).toEqual([...COMPARED, ...WHOLE, ...CLOSED].sort());
});

test('a text that a function writes is accepted if it fills its column', async () => {
  const others = await ending((code) => code !== '00000', '');
  expect(others).toEqual([...WHOLE, ...CLOSED].sort());
  expect(texts().map(nameOf)).toEqual(expect.arrayContaining(['seal_records p_records.user_id', ...CLOSED]));
});
