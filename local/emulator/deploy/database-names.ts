import type { DatabaseNames } from '../postgres';

/** The names of the database and its master, unless the application has others. */
export const NAMES: DatabaseNames = { database: 'main', master: 'master' };
