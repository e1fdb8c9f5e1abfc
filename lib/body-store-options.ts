import type { BodyStore } from './body-store';

/** Options of the store of records' sealed bodies. */
export interface BodyStoreOptions {
  /**
   * A store outside the database for records' sealed bodies: destroying a body makes the record unreadable in all backups
   * of the database. It can't change once a record exists.
   *
   * @default - the database
   */
  readonly bodyStore?: BodyStore;
}
