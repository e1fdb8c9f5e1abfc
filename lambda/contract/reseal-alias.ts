/** The alias through which the state machine invokes the function. No other one is served. */
export const RESEAL_ALIAS = 'run';
/** The alias through which the schedule invokes the migration. */
export const SWEEP_ALIAS = 'sweep';
