/**
 * One spelling of ids and chains, as `lambda/contract/canonical.ts` has it, so that no two wallets look the same. Rows of an older
 * release that break the rules stay: they can be revoked, and opened by that release if it is rolled back to.
 */
export const CANONICAL = String.raw`
-- NOT VALID: stored values are not checked, new ones are. PostgreSQL has no classes of Unicode, so this is the list of
-- control, format, separator and default-ignorable characters, and of blanks other than the space.
ALTER DOMAIN vault.id ADD CONSTRAINT canonical_id CHECK (
  VALUE !~ '^ | $'
  AND VALUE !~ '[\u0001-\u001f\u007f-\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]'
  AND VALUE::text IS NFC NORMALIZED
) NOT VALID;
-- capitals, such as EVM, or a CAIP-2 id in small letters, such as eip155:1
ALTER DOMAIN vault.chain ADD CONSTRAINT canonical_chain CHECK (
  VALUE ~ '^([A-Z0-9]+([_-][A-Z0-9]+)*|[a-z0-9]{3,8}:[-_a-z0-9]{1,6})$'
) NOT VALID;

-- The log and the deliveries take the spelling of the wallet's row, which is checked where a wallet is made: else a
-- wallet of an older release could not be revoked. To varchar without a length, PostgreSQL rewrites no table.
ALTER TABLE vault.share_access_log
  ALTER COLUMN wallet_id TYPE varchar,
  ALTER COLUMN chain TYPE varchar;
ALTER TABLE vault.webhook_events
  ALTER COLUMN wallet_id TYPE varchar,
  ALTER COLUMN chain TYPE varchar;

-- the wallets of these ids: a revocation looks for other spellings of its chain
CREATE FUNCTION vault_api.wallets_of(p_wallet_ids text[]) RETURNS TABLE (wallet_id text, chain text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT w.wallet_id, w.chain FROM vault.wallets AS w WHERE w.wallet_id = ANY (p_wallet_ids)
    ORDER BY w.wallet_id COLLATE "C", w.chain COLLATE "C"
$$;

GRANT EXECUTE ON FUNCTION vault_api.wallets_of TO vault_receiver, vault_revoker;
`;
