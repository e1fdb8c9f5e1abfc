/** The requests and responses of `audit` about a wallet's access log: a part of api.ts. */

/** A row of a wallet's access log: its number and its hash (64 hex digits). Row 0, before the first, has 64 zeros. */
export interface ChainPosition {
  readonly sequence: number;
  readonly hash: string;
}

export interface AccessLogEntry {
  /** 1, 2, 3, …, a wallet's own count */
  readonly sequence: number;
  readonly at: string;
  readonly action: 'seal' | 'unseal' | 'revoke';
  /** its outcome: `granted`, `not-found`, `other-user`, `revoked`, `sealed`, … */
  readonly outcome: string;
  readonly actor: string;
  /** Lambda's request id: joins the row with CloudTrail */
  readonly requestId: string;
  readonly recordId?: string;
  readonly reason?: string;
  /** SHA-256, hex */
  readonly previousHash: string;
  readonly hash: string;
}

export interface AuditLogAnswer {
  readonly entries: readonly AccessLogEntry[];
  /** pass as `after` for the next page; absent on the last */
  readonly next?: number;
}

/** Rows that the chain has by its wallet's row, and the head's hash (hex): keep them elsewhere as an anchor. */
export interface AuditHeadAnswer {
  readonly length: number;
  readonly head: string;
}

/** A row that does not fit the chain, and how. */
export interface LogProblem {
  readonly sequence: number;
  readonly problem: string;
}

/**
 * Without `after` the whole log is verified in one call; it fails with `StoreUnavailable` if the time is too short.
 * With `after` and `hash`, rows behind that row are verified for as long as the time allows: the response's
 * `complete` and `verifiedTo` say how far, and `verifiedTo` is the next request's `after` and `hash`.
 */
export interface AuditVerifyRequest {
  readonly action: 'verify';
  readonly walletId: string;
  readonly chain: string;
  readonly after?: number;
  /** that row's hash; a pair that does not fit the log is reported as a problem */
  readonly hash?: string;
  /** the head to verify against, such as one kept elsewhere, or the first response's. By default the wallet's row's */
  readonly until?: ChainPosition;
}

/** `length` and `head` are those that were verified against: the request's `until`, else the wallet's row's. */
export interface AuditVerifyAnswer extends AuditHeadAnswer {
  /** whether every row that this call read fits; of the whole log only if `complete` */
  readonly intact: boolean;
  /** if not intact: the first sequence number that does not fit, and its fault */
  readonly brokenAt?: number;
  readonly problem?: string;
  /** the first 100 problems, the one above included */
  readonly problems?: readonly LogProblem[];
  /** of all rows that do not fit */
  readonly problemCount?: number;
  /** whether the head was reached. A vault of an earlier release always reaches it, and leaves this and the next out */
  readonly complete?: boolean;
  /** the last row that was read */
  readonly verifiedTo?: ChainPosition;
}
