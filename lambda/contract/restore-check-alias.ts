/** The alias through which the schedule and the state machine of restore tests invoke the function. No other one is served. */
export const RESTORE_CHECK_ALIAS = 'check';
