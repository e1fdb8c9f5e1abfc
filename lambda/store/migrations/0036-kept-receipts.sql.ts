/**
 * Receipts of reseals in a bucket outside the database. Receipts can only be appended to, so a table of its own names those
 * that the bucket has: all others are pending.
 */
export const KEPT_RECEIPTS = String.raw`
CREATE TABLE vault.kept_receipts (
  run text PRIMARY KEY REFERENCES vault.reseal_receipts,
  kept_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.kept_receipts
  FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change();
ALTER TABLE vault.kept_receipts ENABLE ALWAYS TRIGGER append_only;

-- Receipts that the bucket doesn't have: that of a run first, then the oldest. At most 50: a receipt may have 64 KiB.
CREATE FUNCTION vault_api.pending_receipts(p_run text, p_limit integer) RETURNS TABLE (
  run text, ended_at timestamptz, receipt text
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (p_limit BETWEEN 1 AND 50) IS NOT TRUE THEN
    RAISE EXCEPTION 'expected 1 to 50 rows, got more or none' USING ERRCODE = '22023';
  END IF;
  RETURN QUERY SELECT w.run, r.ended_at, w.receipt
    FROM vault.reseal_receipts AS w JOIN vault.reseal_runs AS r ON r.run = w.run
    WHERE NOT EXISTS (SELECT FROM vault.kept_receipts AS k WHERE k.run = w.run)
    ORDER BY (w.run = p_run) IS TRUE DESC, w.written_at LIMIT p_limit;
END
$$;

-- Notes that the bucket has a run's receipt. Noted twice, the first time remains.
CREATE FUNCTION vault_api.keep_receipt(p_run text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM vault.require(num_nulls(p_run));
  IF NOT EXISTS (SELECT FROM vault.reseal_receipts AS w WHERE w.run = p_run) THEN
    RAISE EXCEPTION 'expected a run with a receipt, got another' USING ERRCODE = 'SV001';
  END IF;
  INSERT INTO vault.kept_receipts AS k (run) VALUES (p_run) ON CONFLICT (run) DO NOTHING;
END
$$;

-- of one run, for whoever compares it with the bucket's
CREATE FUNCTION vault_api.read_receipt(p_run text) RETURNS TABLE (
  written_at timestamptz, ended_at timestamptz, receipt text, sha256 bytea, kept_at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT w.written_at, r.ended_at, w.receipt, w.sha256, k.kept_at
    FROM vault.reseal_receipts AS w JOIN vault.reseal_runs AS r ON r.run = w.run
      LEFT JOIN vault.kept_receipts AS k ON k.run = w.run
    WHERE w.run = p_run
$$;

GRANT EXECUTE ON FUNCTION vault_api.pending_receipts TO vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.keep_receipt TO vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.read_receipt TO vault_auditor;
`;
