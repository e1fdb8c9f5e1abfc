/** The pause between two looks at a vault that a command watches, in milliseconds. */
export const WATCH_PAUSE_MS = 2_000;
