/** A revocation whose event has no time that can be read, or one that is too far ahead. */
export const REVOCATION_TIME = String.raw`
-- as of now, or of the newest event's time if that is later, as vault_api.revoke is: nothing that is stored is newer
CREATE FUNCTION vault_api.accept_revoked_now(
  p_wallet_id text, p_chain text, p_event_id text, p_message_id text, p_request_id text
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_wallet vault.wallets;
BEGIN
  v_wallet := vault.lock_wallet(p_wallet_id, p_chain);
  RETURN vault_api.accept_revoked(p_wallet_id, p_chain, p_event_id, p_message_id,
    greatest(vault.nanoseconds(clock_timestamp()), v_wallet.newest_event_ns), p_request_id);
END
$$;

GRANT EXECUTE ON FUNCTION vault_api.accept_revoked_now TO vault_receiver;
`;
