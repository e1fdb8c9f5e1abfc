/** Number of inputs for each property. */
export const RUNS = process.env.SHARE_VAULT_SLOW_TESTS === undefined ? 200 : 20_000;
