import { describe, expect, test } from '@jest/globals';
import { DatabaseError } from 'pg';
import { FUNCTION_SETTINGS } from '../../../lambda/store/pin-settings';
import { DATABASE_USERS as ROLES } from '../../../local/audit/matrix/database-users';
import { CALLS, ROUTINES, SEQUENCES, TABLES } from './catalog';
import { database, superuser, useStores } from './stores';

useStores([]);

/** A table's name; of a partition of the access log, that of all months. */
const MONTHLESS = String.raw`regexp_replace(c.relname, '\d{4}_\d\d$', 'YYYY_MM') COLLATE "C"`;

/** The first column of a query's rows. */
async function list(text: string, values: readonly unknown[] = []): Promise<readonly unknown[]> {
  const { rows } = await superuser.query<unknown[]>({ text, values: [...values], rowMode: 'array' });
  return rows.map(([first]) => first);
}

describe('in the catalogs,', () => {
  test('the vault has exactly these tables and sequences', async () => {
    const tables = `SELECT DISTINCT ${MONTHLESS} FROM pg_class AS c
      WHERE relnamespace = 'vault'::regnamespace AND relkind NOT IN ('i', 'c') ORDER BY 1`;
    await expect(list(tables)).resolves.toEqual([...TABLES, ...SEQUENCES].sort());
  });

  test('no role but the owner has any right on any table, column or sequence', async () => {
    const rights = `
      SELECT r.rolname || ' ' || p.privilege || ' ' || c.oid::regclass
        FROM unnest($1::text[]) AS r (rolname),
          unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER,MAINTAIN}'::text[]) AS p (privilege),
          pg_class AS c
        WHERE c.relnamespace IN ('vault'::regnamespace, 'vault_api'::regnamespace) AND c.relkind <> 'i'
          AND (has_table_privilege(r.rolname, c.oid, p.privilege)
            OR CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(r.rolname, c.oid, 'USAGE') END
            OR p.privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
              AND has_any_column_privilege(r.rolname, c.oid, p.privilege))`;
    await expect(list(rights, [[...ROLES, 'public']])).resolves.toEqual([]);
  });

  test('each routine may be executed by exactly the roles that need it', async () => {
    // a row each, so that no overload hides behind another of its name
    const routines = await list(
      `SELECT concat_ws(' ', p.pronamespace::regnamespace || '.' || p.proname,
          string_agg(r.rolname, ' ' ORDER BY r.rolname) FILTER (WHERE has_function_privilege(r.rolname, p.oid, 'EXECUTE')))
        FROM pg_proc AS p, unnest($1::text[]) AS r (rolname)
        WHERE p.pronamespace IN ('vault'::regnamespace, 'vault_api'::regnamespace, 'public'::regnamespace)
        GROUP BY p.oid`,
      [[...ROLES, 'public']],
    );
    const expected = Object.entries(ROUTINES).map(([name, roles]) => [name, ...roles].join(' '));
    expect(routines.toSorted()).toEqual(expected.sort());
  });

  test("no role may use the vault's domains and types", async () => {
    const usage = `SELECT r.rolname || ' ' || t.typname FROM unnest($1::text[]) AS r (rolname), pg_type AS t
      LEFT JOIN pg_class AS c ON c.oid = t.typrelid
      WHERE t.typnamespace = 'vault'::regnamespace AND (t.typtype = 'd' OR c.relkind = 'c')
        AND has_type_privilege(r.rolname, t.oid, 'USAGE')`;
    await expect(list(usage, [[...ROLES, 'public']])).resolves.toEqual([]);
  });

  test('each role may enter exactly the schema of the functions', async () => {
    const usage = `SELECT r.rolname || ' ' || p.privilege || ' ' || n.nspname
      FROM unnest($1::text[]) AS r (rolname), unnest('{USAGE,CREATE}'::text[]) AS p (privilege), pg_namespace AS n
      WHERE n.nspname IN ('vault', 'vault_api', 'public') AND has_schema_privilege(r.rolname, n.oid, p.privilege)
      ORDER BY 1`;
    const expected = ROLES.map((role) => `${role} USAGE vault_api`);
    await expect(list(usage, [[...ROLES, 'public']])).resolves.toEqual(expected.sort());
  });

  test('each role may connect, and neither make temporary tables nor schemas', async () => {
    const rights = `SELECT r.rolname || ' ' || p.privilege
      FROM unnest($1::text[]) AS r (rolname), unnest('{CONNECT,TEMPORARY,CREATE}'::text[]) AS p (privilege)
      WHERE has_database_privilege(r.rolname, 'share_vault', p.privilege) ORDER BY 1`;
    await expect(list(rights, [[...ROLES, 'public']])).resolves.toEqual(ROLES.map((role) => `${role} CONNECT`).sort());
  });

  test('exactly the users that the policy matrix asks about can log in with a token', async () => {
    const logins = `SELECT rolname FROM pg_roles
      WHERE rolcanlogin AND NOT rolsuper AND pg_has_role(oid, 'rds_iam', 'USAGE') ORDER BY 1`;
    await expect(list(logins)).resolves.toEqual([...ROLES].sort());
  });

  test('roles have no attribute but their login', async () => {
    const attributes = `SELECT rolname FROM pg_roles WHERE rolname LIKE 'vault\\_%' AND rolname <> 'vault_owner' AND rolcanlogin
      AND NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls) ORDER BY 1`;
    const owner =
      "SELECT rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = 'vault_owner'";
    await expect(list(attributes)).resolves.toEqual([...ROLES].sort());
    await expect(list(owner)).resolves.toEqual([false]);
  });

  test('roles are members of nothing but of the tokens', async () => {
    const memberships = `SELECT m.member::regrole || ' in ' || m.roleid::regrole
        || CASE WHEN m.admin_option THEN ' admin' ELSE '' END
      FROM pg_auth_members AS m WHERE m.member::regrole::text = ANY ($1) ORDER BY 1`;
    const expected = ROLES.map((role) => `${role} in rds_iam`);
    await expect(list(memberships, [ROLES])).resolves.toEqual(expected.sort());
  });

  test('the role that marks tables for pgaudit has its marks and no other right', async () => {
    const marks = `
      SELECT DISTINCT ${MONTHLESS} || ' ' || string_agg(p.privilege, ' ' ORDER BY p.privilege)
        FROM unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER,MAINTAIN}'::text[]) AS p (privilege), pg_class AS c
        WHERE c.relnamespace = 'vault'::regnamespace AND c.relkind <> 'i'
          AND has_table_privilege('rds_pgaudit', c.oid, p.privilege)
        GROUP BY c.relname ORDER BY 1`;
    const others = `
      SELECT nspname FROM pg_namespace WHERE nspname IN ('vault', 'vault_api', 'public')
        AND (has_schema_privilege('rds_pgaudit', oid, 'USAGE') OR has_schema_privilege('rds_pgaudit', oid, 'CREATE'))
      UNION ALL
      SELECT proname FROM pg_proc WHERE pronamespace IN ('vault'::regnamespace, 'vault_api'::regnamespace)
        AND has_function_privilege('rds_pgaudit', oid, 'EXECUTE')
      UNION ALL
      SELECT datname FROM pg_database WHERE has_database_privilege('rds_pgaudit', oid, 'CONNECT') AND datname = 'share_vault'`;
    await expect(list(marks)).resolves.toEqual(TABLES.map((table) => `${table} DELETE INSERT SELECT UPDATE`));
    await expect(list(others)).resolves.toEqual([]);
  });

  test('the role that marks tables for pgaudit has no login, and no role inherits its rights', async () => {
    const attributes = `SELECT rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls
      FROM pg_roles WHERE rolname = 'rds_pgaudit'`;
    // as the creator of a role is in PostgreSQL: it may grant the role, and neither becomes it nor inherits from it
    const members = `SELECT concat_ws(' ', m.member::regrole, m.admin_option, m.inherit_option, m.set_option)
      FROM pg_auth_members AS m WHERE m.roleid = 'rds_pgaudit'::regrole`;
    const memberships = "SELECT m.roleid::regrole FROM pg_auth_members AS m WHERE m.member = 'rds_pgaudit'::regrole";
    await expect(list(attributes)).resolves.toEqual([false]);
    await expect(list(members)).resolves.toEqual(['share_vault_master t f f']);
    await expect(list(memberships)).resolves.toEqual([]);
  });

  test('everything belongs to the owner', async () => {
    const strangers = `
      SELECT c.oid::regclass::text FROM pg_class AS c WHERE c.relnamespace IN ('vault'::regnamespace, 'vault_api'::regnamespace)
        AND c.relowner <> 'vault_owner'::regrole
      UNION ALL
      SELECT p.oid::regprocedure::text FROM pg_proc AS p WHERE p.pronamespace IN ('vault'::regnamespace, 'vault_api'::regnamespace)
        AND p.proowner <> 'vault_owner'::regrole
      UNION ALL
      SELECT n.nspname FROM pg_namespace AS n WHERE n.nspname LIKE 'vault%' AND n.nspowner <> 'vault_owner'::regrole`;
    await expect(list(strangers)).resolves.toEqual([]);
  });

  test('every definer function fixes its search path and what decides its results, and the procedures that commit are none', async () => {
    const wanted = Object.entries(FUNCTION_SETTINGS).map(([name, value]) => `${name}=${value}`);
    const loose = `SELECT proname FROM pg_proc WHERE pronamespace IN ('vault'::regnamespace, 'vault_api'::regnamespace)
      AND (prosecdef OR pronamespace = 'vault_api'::regnamespace)
      AND (NOT prosecdef OR NOT coalesce($1::text[] <@ proconfig, false)) ORDER BY 1`;
    const procedures = 'SELECT DISTINCT prosecdef OR proconfig IS NOT NULL FROM pg_proc WHERE proname = ANY ($1)';
    const committing = [
      'finish_reseals',
      'reseal_records',
      'sample_reseals',
      'unseal_delegated_share',
      'unseal_records',
    ];
    await expect(list(loose, [['search_path=pg_catalog, pg_temp', ...wanted]])).resolves.toEqual(committing);
    await expect(list(procedures, [committing])).resolves.toEqual([false]);
  });

  test('every table makes the commit of what writes to it durable', async () => {
    const tables = `SELECT DISTINCT 'vault.' || ${MONTHLESS} FROM pg_trigger JOIN pg_class AS c ON c.oid = tgrelid
      WHERE tgname = 'make_durable' AND tgenabled = 'O' AND tgfoid = 'vault.make_durable'::regproc AND tgtype = 2 + 4 + 8 + 16 ORDER BY 1`;
    await expect(list(tables)).resolves.toEqual(TABLES.map((table) => `vault.${table}`));
  });

  test('sessions of a role end when idle, stuck or abandoned', async () => {
    const limits =
      "SELECT DISTINCT unnest(setconfig) FROM pg_db_role_setting WHERE setrole = 'vault_unsealer'::regrole ORDER BY 1";
    await expect(list(limits)).resolves.toEqual([
      'client_connection_check_interval=500ms',
      'idle_in_transaction_session_timeout=10s',
      'idle_session_timeout=60s',
      'lock_timeout=5s',
      'statement_timeout=10s',
    ]);
  });
});

/** Returns the calls that a role has the right to make; other errors do not matter here. */
async function allowed(role: string, calls: Readonly<Record<string, string>> = CALLS): Promise<readonly string[]> {
  const client = await database.login(role);
  const names: string[] = [];
  for (const [name, text] of Object.entries(calls)) {
    const code = await client.query(text).then(
      () => '00000',
      (error: unknown) => (error instanceof DatabaseError ? error.code : String(error)),
    );
    await client.query('ROLLBACK');
    if (code !== '42501') names.push(name);
  }
  return names;
}

describe('in attempts,', () => {
  test.each([
    [
      'vault_receiver',
      [
        ...['accept_created', 'accept_created_record', 'accept_revoked', 'accept_revoked_now'],
        ...['bodies_destroyed', 'bodies_to_destroy', 'count_bodies', 'count_pending_tombstones', 'delivery_seen'],
        ...['keep_delegated_tombstones', 'keep_tombstone', 'pending_delegated_tombstones', 'pending_tombstones'],
        ...['receive_created', 'receive_revoked', 'reserve_bodies'],
      ],
    ],
    ['vault_sealer', ['count_bodies', 'replace_properties', 'reserve_bodies', 'seal', 'seal_records']],
    [
      'vault_unsealer',
      [
        ...['begin_unseal', 'begin_unseal_records', 'count_retired_keys', 'has_body'],
        ...['redeem', 'redeem_records', 'unseal', 'unseal_records'],
      ],
    ],
    [
      'vault_revoker',
      [
        ...['apply_tombstone', 'bodies_destroyed', 'bodies_to_destroy', 'count_pending_tombstones', 'finish_replay'],
        ...['keep_tombstones', 'keep_tombstone', 'pending_tombstones', 'revoke', 'revoke_kinds'],
      ],
    ],
    ['vault_reader', ['read_properties', 'read_properties_unless']],
    [
      'vault_auditor',
      [
        ...['census', 'chain_head', 'chain_heads_at', 'former_keys', 'list_freezes', 'list_records'],
        ...['list_reseal_failures', 'list_reseals', 'list_tombstones', 'list_wallets', 'log_partitions'],
        ...[
          'log_spans',
          'read_log',
          'read_log_span',
          'read_receipt',
          'records_and_keys',
          'records_and_materials',
          'records_of',
          'reseal_receipts',
        ],
      ],
    ],
    ['vault_freezer', ['freeze', 'list_freezes', 'request_thaw']],
    ['vault_thawer', ['confirm_thaw', 'list_freezes']],
    [
      'vault_resealer',
      [
        ...['begin_reseal', 'begin_reseal_sample', 'census', 'chain_heads_at', 'count_reseals', 'end_reseal'],
        ...['finish_reseal', 'finish_reseals', 'keep_receipt', 'list_reseal_failures', 'list_reseals'],
        ...['note_reseal_failure', 'pass_over_key', 'pending_receipts'],
        ...['redeem_reseal', 'reseal_receipts', 'reseal_records', 'reseals_left', 'sample_reseals', 'start_reseal'],
        'write_reseal_receipt',
      ],
    ],
    [
      'vault_restore_checker',
      [
        ...['canary', 'chain_heads_at', 'keep_canary', 'newest_canary', 'record_digests', 'record_digests_of'],
        ...['restore_facts', 'restore_test', 'write_restore_test'],
      ],
    ],
  ])('%s may do exactly %j', async (role, expected) => {
    await expect(allowed(role)).resolves.toEqual(expected);
  });

  test('these are all the login roles', async () => {
    const logins = "SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname LIKE 'vault\\_%' ORDER BY 1";
    await expect(list(logins)).resolves.toEqual([...ROLES].sort());
  });

  test('what is tried is not refused to everyone', async () => {
    await expect(allowed('postgres')).resolves.toEqual(Object.keys(CALLS));
  });

  test('a role without any grant may not even connect', async () => {
    await superuser.query('CREATE ROLE stranger LOGIN');
    await expect(database.login('stranger')).rejects.toMatchObject({ code: '42501' });
  });
});
