/** What the access log has rows of. */
export const LOG_ACTIONS = ['seal', 'unseal', 'revoke', 'reseal'] as const;
