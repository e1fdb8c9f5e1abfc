/** How the records of a claim are found. */
export const RESEAL_PLANS = String.raw`
-- While most records are stale, statistics say that a scan of the table finds some soon; it passes all that were resealed.
ALTER FUNCTION vault_api.begin_reseal(text, text[], integer, text) SET enable_seqscan = off;
`;
