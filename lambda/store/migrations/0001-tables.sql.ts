/** Schemas and tables. Run as `vault_owner`, as all migrations are: nobody else has a right on any of this. */
export const TABLES = String.raw`
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON ROUTINES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;

CREATE SCHEMA vault_api;
GRANT USAGE ON SCHEMA vault_api
  TO vault_receiver, vault_sealer, vault_unsealer, vault_revoker, vault_reader, vault_auditor;

-- Limits as domains: those of a column that an update leaves alone are not checked again, table constraints are; and
-- where one is broken the server's log quotes no row, as it does for table constraints.
-- 1 to 255 characters, none of them a control character
CREATE DOMAIN vault.id AS varchar(255) CONSTRAINT id CHECK (VALUE ~ '^[^\u0001-\u001f\u007f-\u009f]+$');
CREATE DOMAIN vault.chain AS varchar(10) CONSTRAINT chain CHECK (VALUE ~ '^[^\u0001-\u001f\u007f-\u009f]+$');
-- a sealed message: at most 72 KiB
CREATE DOMAIN vault.message AS bytea
  CONSTRAINT message CHECK (pg_catalog.octet_length(VALUE) BETWEEN 1 AND 73728);
CREATE DOMAIN vault.properties AS text CONSTRAINT properties CHECK (pg_catalog.octet_length(VALUE) <= 65536);
CREATE DOMAIN vault.jti AS varchar(64) CONSTRAINT jti CHECK (VALUE ~ '^[A-Za-z0-9_-]{16,64}$');
CREATE DOMAIN vault.sha256 AS bytea CONSTRAINT sha256 CHECK (pg_catalog.octet_length(VALUE) = 32);

-- one row a wallet, never deleted, locked first by every write
CREATE TABLE vault.wallets (
  wallet_id vault.id NOT NULL,
  chain vault.chain NOT NULL,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  -- the tombstone
  revoked_at timestamptz,
  -- the access log's rows, and the last one's hash
  log_length bigint NOT NULL DEFAULT 0,
  log_head vault.sha256 NOT NULL DEFAULT pg_catalog.decode(pg_catalog.repeat('00', 32), 'hex'),
  properties_version bigint,
  properties_sha256 vault.sha256,
  PRIMARY KEY (wallet_id, chain)
) WITH (fillfactor = 70);

CREATE TABLE vault.wallet_properties (
  wallet_id vault.id NOT NULL,
  chain vault.chain NOT NULL,
  version bigint NOT NULL,
  properties vault.properties NOT NULL,
  sha256 vault.sha256 NOT NULL,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  PRIMARY KEY (wallet_id, chain, version),
  FOREIGN KEY (wallet_id, chain) REFERENCES vault.wallets
);

CREATE TABLE vault.delegated_shares (
  id uuid PRIMARY KEY,
  user_id vault.id,
  wallet_id vault.id NOT NULL,
  chain vault.chain NOT NULL,
  encrypted_delegated_share vault.message NOT NULL,
  encrypted_wallet_api_key vault.message NOT NULL,
  encryption_key_id vault.id NOT NULL,
  encryption_algorithm varchar(50) NOT NULL DEFAULT 'AES-256-GCM',
  created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  last_accessed_at timestamptz,
  access_count bigint NOT NULL DEFAULT 0,
  public_key vault.id,
  share_set_id vault.id,
  properties_sha256 vault.sha256,
  -- of the delivery that it came in, where it came by webhook
  event_id vault.id,
  message_id vault.id,
  event_time timestamptz,
  resealed_at timestamptz,
  superseded_at timestamptz,
  superseded_by uuid,
  FOREIGN KEY (wallet_id, chain) REFERENCES vault.wallets,
  CHECK ((superseded_at IS NULL) = (superseded_by IS NULL))
) WITH (fillfactor = 80);

CREATE TABLE vault.server_key_shares (
  id uuid PRIMARY KEY,
  user_id vault.id,
  wallet_id vault.id NOT NULL,
  chain vault.chain NOT NULL,
  encrypted_server_key_shares vault.message NOT NULL,
  encryption_key_id vault.id NOT NULL,
  encryption_algorithm varchar(50) NOT NULL DEFAULT 'AES-256-GCM',
  created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  last_accessed_at timestamptz,
  access_count bigint NOT NULL DEFAULT 0,
  public_key vault.id,
  share_set_id vault.id,
  properties_sha256 vault.sha256,
  resealed_at timestamptz,
  superseded_at timestamptz,
  superseded_by uuid,
  FOREIGN KEY (wallet_id, chain) REFERENCES vault.wallets,
  CHECK ((superseded_at IS NULL) = (superseded_by IS NULL))
) WITH (fillfactor = 80);

CREATE INDEX idx_user_wallet ON vault.delegated_shares (user_id, wallet_id);
CREATE INDEX idx_created_at ON vault.delegated_shares (created_at);
CREATE INDEX idx_server_key_shares_user_wallet ON vault.server_key_shares (user_id, wallet_id);
CREATE INDEX idx_server_key_shares_created_at ON vault.server_key_shares (created_at);

-- one live record a wallet and kind
CREATE UNIQUE INDEX idx_live_delegated_share ON vault.delegated_shares (wallet_id, chain) WHERE superseded_at IS NULL;
CREATE UNIQUE INDEX idx_live_server_key_shares ON vault.server_key_shares (wallet_id, chain) WHERE superseded_at IS NULL;
CREATE INDEX idx_superseded_delegated_shares ON vault.delegated_shares (wallet_id, chain) WHERE superseded_at IS NOT NULL;
CREATE INDEX idx_superseded_server_key_shares ON vault.server_key_shares (wallet_id, chain) WHERE superseded_at IS NOT NULL;

-- ciphertext neither compresses nor tells the planner anything, and samples of it have no place in pg_statistic
ALTER TABLE vault.delegated_shares
  ALTER COLUMN encrypted_delegated_share SET STORAGE EXTERNAL,
  ALTER COLUMN encrypted_delegated_share SET STATISTICS 0,
  ALTER COLUMN encrypted_wallet_api_key SET STORAGE EXTERNAL,
  ALTER COLUMN encrypted_wallet_api_key SET STATISTICS 0;
ALTER TABLE vault.server_key_shares
  ALTER COLUMN encrypted_server_key_shares SET STORAGE EXTERNAL,
  ALTER COLUMN encrypted_server_key_shares SET STATISTICS 0;

-- the ids of the transports that materials arrived in; a captured one must not be sealed a second time, so they
-- outlive a revoked record
CREATE TABLE vault.seal_transports (
  jti vault.jti PRIMARY KEY,
  record_id uuid NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
CREATE INDEX idx_seal_transports_record ON vault.seal_transports (record_id);

-- at most one a session, and not worth a crash's survival: whoever lost it asks again
CREATE UNLOGGED TABLE vault.unseal_tickets (
  backend_pid integer PRIMARY KEY,
  ticket uuid NOT NULL,
  record_id uuid NOT NULL,
  login_role name NOT NULL,
  begun_in xid8 NOT NULL,
  issued_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
) WITH (fillfactor = 50);

CREATE TABLE vault.share_access_log (
  wallet_id vault.id NOT NULL,
  chain vault.chain NOT NULL,
  sequence bigint NOT NULL,
  at timestamptz NOT NULL,
  action varchar(16) NOT NULL,
  outcome varchar(32) NOT NULL,
  actor vault.id NOT NULL,
  request_id vault.id NOT NULL,
  record_id uuid,
  reason varchar(200),
  previous_hash vault.sha256 NOT NULL,
  hash vault.sha256 NOT NULL,
  -- no foreign key: what appends holds the wallet's row, and wallets are never deleted
  PRIMARY KEY (wallet_id, chain, sequence)
);
`;
