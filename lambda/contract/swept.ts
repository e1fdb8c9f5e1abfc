/** Report of the sweep of sealed bodies that are stored outside the database. */
export interface SweptBodies {
  /** bodies that this sweep destroyed */
  readonly destroyed: number;
  /** bodies that were reserved and got no record */
  readonly orphans: number;
  /** bodies that it could not destroy: the next sweep tries again */
  readonly failed: number;
  /** @default - nothing */
  readonly warnings?: readonly string[];
}

/** Items of a kind that wait for a later sweep. */
export interface WaitingItems {
  readonly count: number;
  /**
   * when the oldest of them began to wait, ISO 8601
   *
   * @default - nothing waits
   */
  readonly since?: string;
}

/**
 * Items that a later sweep destroys: superseded records, for 30 days; bodies outside the database, of records that were
 * destroyed; tickets that were not redeemed.
 */
export interface Waiting {
  readonly records: WaitingItems;
  readonly bodies: WaitingItems;
  readonly tickets: WaitingItems;
  /** of all these: items that a sweep should have destroyed two days ago */
  readonly overdue: number;
}
