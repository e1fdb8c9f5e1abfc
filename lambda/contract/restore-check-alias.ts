/** The alias for the schedule and the state machine of restore tests. No other one is served. */
export const RESTORE_CHECK_ALIAS = 'check';
