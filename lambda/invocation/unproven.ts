/** A restored database is not what its backup should be. The message is for people, and holds no value of a row. */
export class UnprovenError extends Error {}

/** A backup takes time: what is younger than this when it was made may be in it or not. */
export const BACKUP_MS = 3_600_000;
