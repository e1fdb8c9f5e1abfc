/** How many inputs a property is tried with. */
export const RUNS = process.env.SHARE_VAULT_SLOW_TESTS === undefined ? 200 : 20_000;
