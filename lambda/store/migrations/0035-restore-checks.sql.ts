/**
 * Canaries, to compare a restored backup with, and the results of restore tests. Both hold sealed bytes of the vault's own
 * and no material: their facts are bound to the sealed bytes, so that whoever writes a row by hand can't make them up.
 */

/** Canaries that are kept beside the first one: of more than a year, at one a day. */
const MOST_CANARIES = 400;

const TABLES = String.raw`
CREATE TABLE vault.restore_canaries (
  id uuid PRIMARY KEY,
  made_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  -- random bytes, sealed
  sealed vault.message NOT NULL,
  -- the database's content then: JSON, by its SHA-256 a part of the encryption context
  facts text NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON vault.restore_canaries
  FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change();
ALTER TABLE vault.restore_canaries ENABLE ALWAYS TRIGGER append_only;

-- one row a restore job of AWS Backup; append-only
CREATE TABLE vault.restore_tests (
  restore_job_id varchar(60) PRIMARY KEY,
  written_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  successful boolean NOT NULL,
  -- JSON
  facts text NOT NULL,
  -- as of a canary; a test that failed has none, since the share key may be why
  sealed vault.message
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.restore_tests
  FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change();
ALTER TABLE vault.restore_tests ENABLE ALWAYS TRIGGER append_only;
`;

const REQUIRE = String.raw`
CREATE FUNCTION vault.require_restore_facts(p_sealed bytea, p_facts text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF octet_length(p_sealed) > 4096 OR octet_length(p_facts) > 4096 THEN
    RAISE EXCEPTION 'expected sealed bytes and facts of at most 4 KiB, got longer ones' USING ERRCODE = '22001';
  END IF;
END
$$;
`;

const CANARIES = String.raw`
-- Counts the wallets that were there at a time, live records, and wallets whose tombstones changed since then.
-- By default the time is a minute ago: longer than any transaction of a function, so that none of that time is still to be
-- committed.
CREATE FUNCTION vault_api.restore_facts(p_at timestamptz) RETURNS TABLE (
  at timestamptz, wallets bigint, delegated_shares bigint, server_key_shares bigint, revoked bigint,
  first_canary_at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.at, (SELECT count(*) FROM vault.wallets AS w WHERE w.created_at <= t.at),
    (SELECT count(*) FROM vault.delegated_shares AS s WHERE s.superseded_at IS NULL),
    (SELECT count(*) FROM vault.server_key_shares AS s WHERE s.superseded_at IS NULL),
    (SELECT count(*) FROM vault.wallets AS w WHERE w.tombstoned_at >= t.at),
    (SELECT min(c.made_at) FROM vault.restore_canaries AS c)
    FROM (SELECT coalesce(p_at, date_trunc('milliseconds', clock_timestamp() - interval '1 minute')) AS at) AS t
$$;

-- Kept twice under one id, the first one remains. The first canary of all is never dropped: days are counted from it.
CREATE FUNCTION vault_api.keep_canary(p_id uuid, p_sealed bytea, p_facts text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM vault.require(num_nulls(p_id, p_sealed, p_facts));
  PERFORM vault.require_restore_facts(p_sealed, p_facts);
  INSERT INTO vault.restore_canaries AS c (id, sealed, facts) VALUES (p_id, p_sealed, p_facts) ON CONFLICT DO NOTHING;
  DELETE FROM vault.restore_canaries AS c
    WHERE c.id NOT IN (SELECT n.id FROM vault.restore_canaries AS n ORDER BY n.made_at DESC, n.id LIMIT ${MOST_CANARIES})
      AND c.id <> (SELECT f.id FROM vault.restore_canaries AS f ORDER BY f.made_at, f.id LIMIT 1);
END
$$;

-- the newest one until a time
CREATE FUNCTION vault_api.newest_canary(p_until timestamptz) RETURNS TABLE (
  id text, made_at timestamptz, sealed bytea, facts text
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.id::text, c.made_at, c.sealed::bytea, c.facts FROM vault.restore_canaries AS c
    WHERE p_until IS NULL OR c.made_at <= p_until ORDER BY c.made_at DESC, c.id LIMIT 1
$$;

CREATE FUNCTION vault_api.canary(p_id uuid) RETURNS TABLE (
  id text, made_at timestamptz, sealed bytea, facts text
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.id::text, c.made_at, c.sealed::bytea, c.facts FROM vault.restore_canaries AS c WHERE c.id = p_id
$$;
`;

/** The parts of a record's encryption context, its key and its messages; nothing if there is no live one. */
const contentOf = (row: string, messages: readonly string[]): string =>
  `coalesce(convert_to(concat_ws(E'\\t', ${row}.id, ${row}.user_id, ${row}.public_key, ${row}.share_set_id,
      encode(${row}.properties_sha256, 'hex'), ${row}.encryption_key_id, ${row}.key_material_id), 'UTF8')
      || ${messages.map((column) => `${row}.${column}`).join(' || ')}, '')`;

/** Its live record of a kind: at most one. Without the limit, a plan could read the table for each page. */
const liveOf = (table: string): string => `LEFT JOIN LATERAL (SELECT s.* FROM vault.${table} AS s
      WHERE s.wallet_id = p.wallet_id AND s.chain = p.chain AND s.superseded_at IS NULL LIMIT 1)`;

/** A function in SQL is planned without the values of its parameters: nothing here depends on how many rows a page has. */
const digestsOf = (page: string): string => String.raw`
  SELECT p.wallet_id::text, p.chain::text, p.log_length, encode(p.log_head, 'hex'),
      encode(sha256(${contentOf('d', ['encrypted_delegated_share', 'encrypted_wallet_api_key'])}
      || ${contentOf('k', ['encrypted_server_key_shares'])}), 'hex'),
      greatest(d.resealed_at, k.resealed_at)
    FROM (${page}) AS p
      ${liveOf('delegated_shares')} AS d ON true
      ${liveOf('server_key_shares')} AS k ON true
    ORDER BY p.wallet_id, p.chain`;

const RECORDS = String.raw`
-- A row for each wallet of a page: its log's head, SHA-256 (hex) over its live records, and when one was resealed last.
CREATE FUNCTION vault_api.record_digests(p_after_wallet_id text, p_after_chain text, p_limit integer) RETURNS TABLE (
  wallet_id text, chain text, log_length bigint, log_head text, records text, resealed_at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
SET enable_bitmapscan = off AS $$${digestsOf(`SELECT w.wallet_id, w.chain, w.log_length, w.log_head FROM vault.wallets AS w
      WHERE (w.wallet_id, w.chain) > (coalesce(p_after_wallet_id, ''), coalesce(p_after_chain, ''))
      ORDER BY w.wallet_id, w.chain LIMIT least(greatest(p_limit, 1), 500)`)}
$$;

-- the same of the named wallets: at most 500
CREATE FUNCTION vault_api.record_digests_of(p_wallet_ids text[], p_chains text[]) RETURNS TABLE (
  wallet_id text, chain text, log_length bigint, log_head text, records text, resealed_at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
SET enable_bitmapscan = off AS $$${digestsOf(`SELECT w.wallet_id, w.chain, w.log_length, w.log_head
      FROM (SELECT n.wallet_id, n.chain FROM unnest(p_wallet_ids, p_chains) AS n (wallet_id, chain) LIMIT 500) AS n
        JOIN vault.wallets AS w ON w.wallet_id = n.wallet_id AND w.chain = n.chain`)}
$$;
`;

const TESTS = String.raw`
-- Written twice, the first one remains: the response is the one that is stored.
CREATE FUNCTION vault_api.write_restore_test(p_restore_job_id text, p_facts text, p_sealed bytea) RETURNS TABLE (
  restore_job_id text, successful boolean, facts text, sealed bytea
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM vault.require(num_nulls(p_restore_job_id, p_facts));
  PERFORM vault.require_restore_facts(p_sealed, p_facts);
  IF p_restore_job_id !~ '^[A-Za-z0-9-]{1,60}$' THEN
    RAISE EXCEPTION 'expected the id of a restore job, got something else' USING ERRCODE = '22023';
  END IF;
  INSERT INTO vault.restore_tests AS t (restore_job_id, successful, facts, sealed)
    VALUES (p_restore_job_id, p_sealed IS NOT NULL, p_facts, p_sealed) ON CONFLICT DO NOTHING;
  RETURN QUERY SELECT t.restore_job_id::text, t.successful, t.facts, t.sealed::bytea FROM vault.restore_tests AS t
    WHERE t.restore_job_id = p_restore_job_id;
END
$$;

-- of one job, or the newest successful one
CREATE FUNCTION vault_api.restore_test(p_restore_job_id text) RETURNS TABLE (
  restore_job_id text, successful boolean, facts text, sealed bytea
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.restore_job_id::text, t.successful, t.facts, t.sealed::bytea FROM vault.restore_tests AS t
    WHERE CASE WHEN p_restore_job_id IS NULL THEN t.successful ELSE t.restore_job_id = p_restore_job_id END
    ORDER BY t.written_at DESC LIMIT 1
$$;
`;

const GRANTS = String.raw`
GRANT USAGE ON SCHEMA vault_api TO vault_restore_checker;
GRANT EXECUTE ON FUNCTION vault_api.restore_facts TO vault_restore_checker;
GRANT EXECUTE ON FUNCTION vault_api.keep_canary TO vault_restore_checker;
GRANT EXECUTE ON FUNCTION vault_api.newest_canary TO vault_restore_checker;
GRANT EXECUTE ON FUNCTION vault_api.canary TO vault_restore_checker;
GRANT EXECUTE ON FUNCTION vault_api.record_digests TO vault_restore_checker;
GRANT EXECUTE ON FUNCTION vault_api.record_digests_of TO vault_restore_checker;
GRANT EXECUTE ON FUNCTION vault_api.write_restore_test TO vault_restore_checker;
GRANT EXECUTE ON FUNCTION vault_api.restore_test TO vault_restore_checker;
GRANT EXECUTE ON FUNCTION vault_api.chain_heads_at TO vault_restore_checker;
`;

export const RESTORE_CHECKS = TABLES + REQUIRE + CANARIES + RECORDS + TESTS + GRANTS;
