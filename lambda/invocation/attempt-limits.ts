/** Attempts at one call, the first included; the call's own signal bounds them all. */
export const MAX_ATTEMPTS = 3;
/** Limits of an attempt. The services respond in milliseconds; a new connection needs a few round trips of its own. */
export const LONGEST_MS = 5_000;
export const SHORTEST_MS = 250;
