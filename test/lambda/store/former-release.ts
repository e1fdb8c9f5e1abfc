import { createHash } from 'node:crypto';

/** A statement of the former release's functions, on `vault_api`, with its login. */
export interface FormerStatement {
  readonly login: string;
  readonly sql: string;
  /** parameters that it succeeds with, if not null */
  readonly values: readonly unknown[];
  /** columns of its rows */
  readonly columns: readonly string[];
}

const ID = '00000000-0000-4000-8000-000000000001';
const AT = '2026-01-31T12:00:00Z';
const WALLET = ['w', 'EVM'];
const RUN = 'former-run';
const CALLER = ['a', 'q'];
const sha256 = (text: string) => createHash('sha256').update(text).digest();
const NEW_RECORD = {
  ...{ kind: 'delegated-share', record_id: '00000000-0000-4000-8000-000000000002', wallet_id: 'sealed', chain: 'EVM' },
  ...{ delegated_share: '\\x73', wallet_api_key: '\\x6b', key_id: 'key', transport_ids: ['a'.repeat(64)] },
};

const statement = (login: string, columns: string, sql: string, ...values: readonly unknown[]): FormerStatement => ({
  login: `vault_${login}`,
  columns: columns.split(' '),
  sql,
  values,
});

/**
 * The statements as the release of migration 0034 has them. It runs them on the present schema in the minutes of a deploy, and
 * after a rollback for good. The list is dropped and written anew with each release.
 */
export const FORMER_RELEASE: readonly FormerStatement[] = [
  ...['receiver', 'sealer'].flatMap((login) => [
    statement(login, 'bodies', 'SELECT vault_api.count_bodies() AS bodies'),
    statement(login, 'reserve_bodies', 'SELECT vault_api.reserve_bodies($1::uuid[])', [ID]),
  ]),
  statement(
    'receiver',
    'outcome',
    'SELECT vault_api.accept_created_record($1::uuid,$2,$3,$4,$5,$6,$7::bytea,$8::bytea,$9,$10,$11,$12::bigint,$13,$14) AS outcome',
    ID,
    ...WALLET,
    null,
    null,
    null,
    Buffer.from('s'),
    Buffer.from('k'),
    'key',
    'e1',
    'm1',
    '1',
    'q',
    '',
  ),
  statement(
    'receiver',
    'seen',
    "SELECT vault_api.delivery_seen('wallet.delegation.created',$1,$2,$3,$4) AS seen",
    ...WALLET,
    'e1',
    'm1',
  ),
  statement(
    'receiver',
    'outcome',
    'SELECT vault_api.accept_revoked($1,$2,$3,$4,$5::bigint,$6) AS outcome',
    ...WALLET,
    'e2',
    'm2',
    '2',
    'q',
  ),
  statement(
    'receiver',
    'outcome',
    'SELECT vault_api.accept_revoked_now($1,$2,$3,$4,$5) AS outcome',
    ...WALLET,
    'e3',
    'm3',
    'q',
  ),
  ...['receiver', 'revoker'].flatMap((login) => [
    statement(login, 'wallet_id chain', 'SELECT * FROM vault_api.wallets_of($1::text[])', ['w']),
    statement(login, 'record_id queued_at', 'SELECT * FROM vault_api.bodies_to_destroy($1, $2)', ...WALLET),
    statement(login, 'bodies_destroyed', 'SELECT vault_api.bodies_destroyed($1::uuid[])', [ID]),
    statement(
      login,
      'wallet_id chain revoked_until_ns server_key_shares_revoked_at noted_at',
      'SELECT * FROM vault_api.pending_tombstones($1::integer)',
      32,
    ),
    statement(login, 'keep_tombstone', 'SELECT vault_api.keep_tombstone($1,$2,$3::timestamptz)', ...WALLET, AT),
    statement(login, 'pending', 'SELECT vault_api.count_pending_tombstones() AS pending'),
  ]),
  statement(
    'sealer',
    'results',
    'SELECT vault_api.seal_records($1::json,$2,$3) AS results',
    JSON.stringify([NEW_RECORD]),
    ...CALLER,
  ),
  statement(
    'sealer',
    'version created_at',
    'SELECT * FROM vault_api.replace_properties($1,$2,$3,$4::bytea,$5::boolean,$6::bigint,$7::boolean,$8,$9)',
    NEW_RECORD.wallet_id,
    NEW_RECORD.chain,
    '{}',
    sha256('{}'),
    false,
    null,
    false,
    ...CALLER,
  ),
  statement(
    'unsealer',
    'results',
    'CALL vault_api.unseal_records($1::json,$2,$3,$4,NULL)',
    '[{"kind":"delegated-share","wallet_id":"w","chain":"EVM"}]',
    'r',
    ...CALLER,
  ),
  statement('unsealer', 'exists', 'SELECT vault_api.has_body($1::uuid) AS exists', ID),
  statement(
    'revoker',
    'destroyed revoked_at known',
    'SELECT * FROM vault_api.revoke_kinds($1,$2,$3::text[],$4,$5,$6)',
    ...WALLET,
    ['delegated-share'],
    'r',
    ...CALLER,
  ),
  statement(
    'revoker',
    'outcome destroyed',
    'SELECT * FROM vault_api.apply_tombstone($1,$2,$3::bigint,$4::timestamptz,$5,$6,$7)',
    ...WALLET,
    '1',
    null,
    'r',
    ...CALLER,
  ),
  statement(
    'revoker',
    'freezes missing_since missing_until',
    'SELECT * FROM vault_api.finish_replay($1::timestamptz,$2::timestamptz,$3,$4)',
    null,
    AT,
    ...CALLER,
  ),
  statement(
    'reader',
    'version properties sha256 created_at',
    'SELECT * FROM vault_api.read_properties_unless($1,$2,$3::bigint,$4::bytea)',
    ...WALLET,
    null,
    null,
  ),
  statement(
    'auditor',
    'revoked_at server_key_shares_revoked_at record_id kind user_id public_key share_set_id key_id algorithm created_at last_accessed_at access_count superseded_at wrapped_keys key_material_id',
    'SELECT * FROM vault_api.records_and_materials($1,$2)',
    ...WALLET,
  ),
  statement(
    'auditor',
    'wallet_id chain created_at revoked_at server_key_shares_revoked_at kinds properties_version log_length log_head matches',
    'SELECT * FROM vault_api.list_wallets($1,$2,$3::integer,$4::timestamptz,$5::timestamptz)',
    null,
    null,
    1,
    null,
    null,
  ),
  statement(
    'auditor',
    'sequence at action outcome actor request_id record_id reason previous_hash hash',
    'SELECT * FROM vault_api.read_log_span($1,$2,$3::bigint,$4::integer,$5::timestamptz,$6::timestamptz)',
    ...WALLET,
    0,
    1,
    null,
    null,
  ),
  statement('auditor', 'log_length log_head', 'SELECT * FROM vault_api.chain_head($1,$2)', ...WALLET),
  statement(
    'auditor',
    'wallet_id chain revoked_until_ns server_key_shares_revoked_at',
    'SELECT * FROM vault_api.list_tombstones($1,$2,$3::timestamptz,$4::integer)',
    null,
    null,
    null,
    1,
  ),
  ...['auditor', 'resealer'].flatMap((login) => [
    statement(login, 'kind key_id key_material_id records superseded oldest', 'SELECT * FROM vault_api.census()'),
    statement(
      login,
      'run key_id key_material_id started_at last_step_at ended_at resealed changed failed receipt_at record_key_ids samples',
      'SELECT * FROM vault_api.list_reseals()',
    ),
    statement(login, 'run written_at receipt sha256', 'SELECT * FROM vault_api.reseal_receipts($1)', RUN),
    statement(
      login,
      'wallets heads last_wallet_id last_chain',
      'SELECT * FROM vault_api.chain_heads_at($1::timestamptz,$2,$3,$4::integer)',
      AT,
      null,
      null,
      1,
    ),
  ]),
  statement(
    'auditor',
    'record_id kind wallet_id chain code at',
    'SELECT * FROM vault_api.list_reseal_failures($1,$2::uuid)',
    RUN,
    null,
  ),
  ...['auditor', 'freezer', 'thawer'].map((login) =>
    statement(
      login,
      'freeze_id scope name reason frozen_by frozen_at thaw_requested_by thaw_requested_at thawed_by thawed_at replay_from',
      'SELECT * FROM vault_api.list_freezes()',
    ),
  ),
  statement(
    'freezer',
    'freeze_id frozen_at in_force',
    'SELECT * FROM vault_api.freeze($1,$2,$3,$4,$5)',
    'all',
    null,
    'r',
    ...CALLER,
  ),
  statement(
    'freezer',
    'confirm_until in_force',
    'SELECT * FROM vault_api.request_thaw($1::bigint,$2,$3,$4)',
    1,
    'r',
    ...CALLER,
  ),
  statement('thawer', 'thawed_at in_force', 'SELECT * FROM vault_api.confirm_thaw($1::bigint,$2,$3)', 1, 'b', 'q'),
  statement('resealer', 'start_reseal', 'SELECT vault_api.start_reseal($1,$2,$3)', RUN, 'key', ''),
  statement('resealer', 'pass_over_key', 'SELECT vault_api.pass_over_key($1,$2)', RUN, 'key-0'),
  statement(
    'resealer',
    'records',
    'CALL vault_api.reseal_records($1,$2::text[],$3::integer,$4,NULL)',
    RUN,
    ['key-0'],
    1,
    'q',
  ),
  statement('resealer', 'left', 'SELECT vault_api.reseals_left($1,$2::text[]) AS left', RUN, ['key-0']),
  statement('resealer', 'outcomes', 'CALL vault_api.finish_reseals($1,$2::json,NULL)', RUN, '[]'),
  statement(
    'resealer',
    'records',
    'CALL vault_api.sample_reseals($1::text[],$2::uuid[],$3::boolean,$4::integer,$5,NULL)',
    ['key'],
    [],
    false,
    1,
    'q',
  ),
  statement(
    'resealer',
    'note_reseal_failure',
    'SELECT vault_api.note_reseal_failure($1,$2::uuid,$3)',
    RUN,
    ID,
    'KeyUnavailable',
  ),
  statement(
    'resealer',
    'run key_id key_material_id started_at last_step_at ended_at resealed changed failed',
    'SELECT * FROM vault_api.end_reseal($1,$2::text[])',
    RUN,
    ['key'],
  ),
  statement(
    'resealer',
    'receipt sha256',
    'SELECT * FROM vault_api.write_reseal_receipt($1,$2)',
    RUN,
    `{"run":"${RUN}"}`,
  ),
];
