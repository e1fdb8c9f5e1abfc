/** A restored database differs from its backup. The message is for people, and holds no value of a row. */
export class UnprovenError extends Error {}

/** A backup takes time: a change in this time before it may be in it or not. */
export const BACKUP_MS = 3_600_000;
