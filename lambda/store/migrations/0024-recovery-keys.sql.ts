/** The lists of recovery keys that deploys of this vault stated. */
export const RECOVERY_KEYS = String.raw`
-- The last one is the present one. Written by the migration only, which runs as the owner.
CREATE TABLE vault.recovery_key_lists (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stated_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  names text[] NOT NULL,
  -- base64url of the SHA-256 of each SubjectPublicKeyInfo, in the order of the names
  fingerprints text[] NOT NULL,
  CHECK (pg_catalog.cardinality(names) = pg_catalog.cardinality(fingerprints))
);
`;
