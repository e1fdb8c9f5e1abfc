import type { BodyStore } from './body-store';

/** Options of the store of records' sealed bodies. */
export interface BodyStoreOptions {
  /**
   * A store outside the database for records' sealed bodies: destroying a body makes the record unreadable in all backups
   * of the database. It can be added later, for new records. It can't be removed or exchanged while a record has its body
   * there: the migration refuses such a deploy.
   *
   * @default - the database
   */
  readonly bodyStore?: BodyStore;
}
