/** The five pairs of every message's encryption context, by name; docs/message-format tells what each holds. */
export const CONTEXT_KEYS = ['chain', 'environment', 'field', 'owner', 'record'] as const;

/** What `field` can be: one for each material. */
export const FIELDS = ['delegated_share', 'server_key_shares', 'wallet_api_key'] as const;
