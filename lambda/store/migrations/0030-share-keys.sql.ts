/** The share keys that deploys of this vault listed. */
export const SHARE_KEYS = String.raw`
-- Each one opened since its deploy. Written by the migration only, which runs as the owner.
CREATE TABLE vault.share_keys (
  key_id varchar(255) PRIMARY KEY,
  listed_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
`;
