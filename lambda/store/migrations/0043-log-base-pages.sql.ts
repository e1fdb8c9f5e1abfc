/**
 * The bases of the log's oldest partition are kept in pages, each in a transaction of its own: a month of
 * any size is finished over several calls, and its drop is short. The owner calls all of it.
 */

const BEGIN = String.raw`
-- the row's own hash, which covers its content, in 8 bytes
CREATE FUNCTION vault.log_row_bits(p_hash bytea) RETURNS bigint LANGUAGE sql IMMUTABLE
RETURN ('x' || pg_catalog.encode(pg_catalog.substr(p_hash, 1, 8), 'hex'))::bit(64)::bigint;

-- A row that is added begins the reading of its partition again.
CREATE FUNCTION vault.restart_log_bases() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM vault.log_base_pages AS k WHERE k.name = TG_TABLE_NAME;
  RETURN NULL;
END
$$;

-- Returns the place to go on from, locked.
CREATE FUNCTION vault.begin_log_bases(p_name text) RETURNS vault.log_base_pages
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_place vault.log_base_pages;
BEGIN
  PERFORM vault.require_old_log_partition(p_name);
  SELECT k.* INTO v_place FROM vault.log_base_pages AS k WHERE k.name = p_name FOR UPDATE;
  IF FOUND THEN
    RETURN v_place;
  END IF;
  -- its lock waits for rows that are not committed yet: they would be missed
  EXECUTE format('CREATE OR REPLACE TRIGGER restart_bases AFTER INSERT ON vault.%I '
    'FOR EACH ROW EXECUTE FUNCTION vault.restart_log_bases()', p_name);
  EXECUTE format('ALTER TABLE vault.%I ENABLE ALWAYS TRIGGER restart_bases', p_name);
  INSERT INTO vault.log_base_pages AS k (name, wallet_id, chain, sequence, rows, bits, done) VALUES (p_name, '', '', 0, 0, 0, false)
    RETURNING k.* INTO v_place;
  RETURN v_place;
END
$$;
`;

const JOIN = String.raw`
-- Joins the archived spans of a page's wallets: each has at most one more for the last partition that was dropped.
-- p_page: a condition of the page's rows l
CREATE FUNCTION vault.join_log_bases(p_name text, p_page text, p_after vault.log_base_pages, p_last vault.log_base_pages)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
BEGIN
  EXECUTE format($query$
    WITH wallets AS (
      SELECT DISTINCT l.wallet_id, l.chain FROM vault.%I AS l WHERE %s
    ), spans AS (
      SELECT b.*, lag(b.sequence) OVER w IS DISTINCT FROM b.first_sequence - 1
          OR lag(b.hash) OVER w IS DISTINCT FROM b.previous_hash AS starts
        FROM wallets AS v JOIN vault.log_bases AS b ON b.wallet_id = v.wallet_id AND b.chain = v.chain
        WHERE b.begins_in IN (SELECT a.name FROM vault.log_archives AS a)
        WINDOW w AS (PARTITION BY b.wallet_id, b.chain ORDER BY b.first_sequence, b.sequence, b.begins_in)
    ), numbered AS (
      SELECT s.*, count(*) FILTER (WHERE s.starts) OVER (PARTITION BY s.wallet_id, s.chain
          ORDER BY s.first_sequence, s.sequence, s.begins_in) AS number
        FROM spans AS s
    ), joined AS (
      SELECT n.wallet_id, n.chain, n.number, min(n.first_sequence) AS first_sequence,
          (array_agg(n.begins_in ORDER BY n.first_sequence))[1] AS begins_in, max(n.sequence) AS sequence,
          (array_agg(n.hash ORDER BY n.sequence DESC))[1] AS hash, (array_agg(n.at ORDER BY n.sequence DESC))[1] AS at,
          bool_or(n.known) AS known
        FROM numbered AS n GROUP BY n.wallet_id, n.chain, n.number HAVING count(*) > 1
    ), removed AS (
      DELETE FROM vault.log_bases AS b USING numbered AS n, joined AS j
        WHERE j.wallet_id = n.wallet_id AND j.chain = n.chain AND j.number = n.number AND NOT n.starts AND b.wallet_id = n.wallet_id
          AND b.chain = n.chain AND b.first_sequence = n.first_sequence AND b.begins_in = n.begins_in
    )
    UPDATE vault.log_bases AS b SET sequence = j.sequence, hash = j.hash, at = j.at, known = j.known
      FROM joined AS j WHERE b.wallet_id = j.wallet_id AND b.chain = j.chain AND b.first_sequence = j.first_sequence
        AND b.begins_in = j.begins_in$query$, p_name, p_page)
    USING p_after.wallet_id, p_after.chain, p_after.sequence, p_last.wallet_id, p_last.chain, p_last.sequence;
END
$$;
`;

const KEEP = String.raw`
-- Keeps the spans of a page's rows. A wallet's rows continue the span of the page before, or begin one. Returns the page's facts.
CREATE FUNCTION vault.keep_log_spans(p_name text, p_page text, p_after vault.log_base_pages, p_last vault.log_base_pages)
RETURNS vault.log_base_pages
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
  v_read vault.log_base_pages := p_last;
BEGIN
  EXECUTE format($query$
    WITH page AS MATERIALIZED (
      SELECT l.wallet_id, l.chain, l.sequence, l.previous_hash, l.hash, l.at, l.action <> 'revoke' AS known
        FROM vault.%I AS l WHERE %s ORDER BY l.wallet_id, l.chain, l.sequence
    ), edges AS (
      -- a link that is broken ends a span: inside of one it would be lost with the rows
      SELECT p.*, lag(p.sequence) OVER w IS DISTINCT FROM p.sequence - 1 OR lag(p.hash) OVER w IS DISTINCT FROM p.previous_hash AS starts,
          lead(p.sequence) OVER w IS DISTINCT FROM p.sequence + 1 OR lead(p.previous_hash) OVER w IS DISTINCT FROM p.hash AS ends,
          bool_or(p.known) OVER (PARTITION BY p.wallet_id, p.chain) AS any_known
        FROM page AS p WINDOW w AS (PARTITION BY p.wallet_id, p.chain ORDER BY p.sequence)
    ), spans AS (
      SELECT e.wallet_id, e.chain, e.ends, e.sequence, e.hash, e.at, e.any_known AS known,
          CASE WHEN e.starts THEN e.sequence ELSE lag(e.sequence) OVER w END AS first_sequence,
          CASE WHEN e.starts THEN e.previous_hash ELSE lag(e.previous_hash) OVER w END AS previous_hash
        FROM edges AS e WHERE e.starts OR e.ends WINDOW w AS (PARTITION BY e.wallet_id, e.chain ORDER BY e.sequence)
    ), whole AS MATERIALIZED (
      SELECT s.* FROM spans AS s WHERE s.ends
    ), continued AS (
      UPDATE vault.log_bases AS b SET sequence = s.sequence, hash = s.hash, at = s.at, known = b.known OR s.known
        FROM whole AS s
        -- only the page's first wallet can have rows of a page before
        WHERE b.wallet_id = $1 AND b.chain = $2 AND b.begins_in = $7 AND s.wallet_id = $1 AND s.chain = $2
          AND b.sequence = s.first_sequence - 1 AND b.hash = s.previous_hash
        RETURNING s.wallet_id, s.chain, s.first_sequence
    ), kept AS (
      INSERT INTO vault.log_bases (wallet_id, chain, first_sequence, begins_in, previous_hash, sequence, hash, at, known)
        SELECT s.wallet_id, s.chain, s.first_sequence, $7, s.previous_hash, s.sequence, s.hash, s.at, s.known FROM whole AS s
          WHERE NOT EXISTS (SELECT FROM continued AS c
            WHERE c.wallet_id = s.wallet_id AND c.chain = s.chain AND c.first_sequence = s.first_sequence)
    )
    SELECT count(*), coalesce(bit_xor(vault.log_row_bits(p.hash)), 0), max(p.at) FROM page AS p$query$, p_name, p_page)
    INTO v_read.rows, v_read.bits, v_read.newest
    USING p_after.wallet_id, p_after.chain, p_after.sequence, p_last.wallet_id, p_last.chain, p_last.sequence, p_name;
  RETURN v_read;
END
$$;

-- Reads a page of the oldest partition, of p_rows rows. Returns whether all were read. A row that is added meanwhile begins it again.
CREATE FUNCTION vault.keep_log_bases(p_name text, p_rows integer) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
  v_after vault.log_base_pages := vault.begin_log_bases(p_name);
  v_last vault.log_base_pages := v_after;
  v_read vault.log_base_pages;
  v_page text := '(l.wallet_id, l.chain, l.sequence) > ($1, $2, $3)';
BEGIN
  IF v_after.done THEN
    RETURN true;
  END IF;
  EXECUTE format('SELECT l.wallet_id, l.chain, l.sequence FROM vault.%I AS l WHERE %s '
    'ORDER BY l.wallet_id, l.chain, l.sequence OFFSET $4 LIMIT 1', p_name, v_page)
    INTO v_last.wallet_id, v_last.chain, v_last.sequence
    USING v_after.wallet_id, v_after.chain, v_after.sequence, greatest(p_rows, 1) - 1;
  IF v_last.sequence IS NOT NULL THEN
    v_page := v_page || ' AND (l.wallet_id, l.chain, l.sequence) <= ($4, $5, $6)';
  END IF;
  -- bases of a reading that a new row ended
  EXECUTE 'DELETE FROM vault.log_bases AS l WHERE l.begins_in = $7 AND '
    || replace(v_page, 'l.sequence', 'l.first_sequence')
    USING v_after.wallet_id, v_after.chain, v_after.sequence, v_last.wallet_id, v_last.chain, v_last.sequence, p_name;
  PERFORM vault.join_log_bases(p_name, v_page, v_after, v_last);
  v_read := vault.keep_log_spans(p_name, v_page, v_after, v_last);
  UPDATE vault.log_base_pages AS k SET wallet_id = coalesce(v_last.wallet_id, k.wallet_id), chain = coalesce(v_last.chain, k.chain),
      sequence = coalesce(v_last.sequence, k.sequence), rows = k.rows + v_read.rows, bits = k.bits # v_read.bits,
      newest = greatest(k.newest, v_read.newest), done = v_last.sequence IS NULL
    WHERE k.name = p_name;
  RETURN v_last.sequence IS NULL;
END
$$;
`;

export const LOG_BASE_PAGES = BEGIN + JOIN + KEEP;
