import type { AccessLogEntry, RecordMetadata } from '../contract/responses';
import type { Kind, MaterialName } from '../contract/kinds';
import type { Deadline } from '../invocation/deadline';
import type { ChainHead } from '../contract/chain';
import type { Ownership, WalletKey } from '../contract/wallet';

export type { ChainHead } from '../contract/chain';
export type { Ownership, WalletKey } from '../contract/wallet';

/** The caller, for the access log. */
export interface Caller {
  readonly actor: string;
  /** Lambda's request id */
  readonly requestId: string;
}

export type SealedMaterials = Readonly<Partial<Record<MaterialName, Uint8Array>>>;

export interface NewRecord extends WalletKey, Ownership {
  /** UUID, fresh for every seal */
  readonly recordId: string;
  readonly kind: Kind;
  /** messages, one a material */
  readonly sealed: SealedMaterials;
  /** ARN of the share key */
  readonly keyId: string;
  /** `jti`s of the transports that the materials arrived in: together they identify the request */
  readonly transportIds: readonly string[];
  readonly supersedes?: string | undefined;
  readonly walletProperties?: string | undefined;
}

/** The ids and the time of one delivery of Dynamic's. */
export interface Delivery {
  readonly eventId: string;
  readonly messageId: string;
  /** nanoseconds since 1970: all the digits that were sent */
  readonly eventTime: bigint;
  /** Lambda's request id */
  readonly requestId: string;
}

/** A revocation's delivery. Without a time it counts as of now, or of the newest delivery's time if that is later. */
export interface RevokedDelivery extends Omit<Delivery, 'eventTime'> {
  readonly eventTime?: bigint | undefined;
}

/** A delegated share as a delivery brought it, sealed. Deliveries bring no wallet properties. */
export interface DeliveredRecord extends WalletKey, Omit<Ownership, 'propertiesSha256'> {
  /** UUID, fresh for every seal */
  readonly recordId: string;
  /** ARN of the share key */
  readonly keyId: string;
  readonly sealed: Readonly<Record<'delegatedShare' | 'walletApiKey', Uint8Array>>;
}

/** One version of a wallet's properties. */
export interface StoredProperties {
  readonly version: number;
  readonly properties: string;
  /** 32 bytes, of the text in UTF-8 */
  readonly sha256: Uint8Array;
  readonly createdAt: Date;
}

/** A `created` of Dynamic's, as it ended. */
export type CreatedOutcome = 'sealed' | 'duplicate' | 'outdated';
/** A `revoked` of Dynamic's, as it ended. `superseded-destroyed`: the live record is newer and was kept. */
export type RevokedOutcome = 'revoked' | 'superseded-destroyed' | 'duplicate' | 'outdated';

/** The stored record: the new one, or the one that an earlier try of the same request stored. */
export interface StoredRecord {
  readonly recordId: string;
  readonly keyId: string;
  readonly createdAt: Date;
  readonly supersededRecordId?: string | undefined;
}

export interface UnsealQuery extends WalletKey {
  readonly kind: Kind;
  readonly userId?: string | undefined;
  readonly reason: string;
}

export interface SealedRecord extends Ownership {
  readonly recordId: string;
  readonly sealed: SealedMaterials;
  readonly accessCount: number;
}

/**
 * The store of records. Each method needs one round trip on an open connection. Throws only `VaultError`: `Conflict`,
 * `NotFound`, `Revoked` as codes.ts describes them, `StoreUnavailable` when the database can't be used (nothing is half
 * written: a failed write left no row; it may be tried again with the same record and transport ids). A lost
 * connection is made again once by itself.
 */
export interface RecordStore {
  /**
   * Stores a record that a caller sealed directly, as the wallet's newest: it is ordered by the newest event time of
   * the deliveries that the wallet had accepted, after their records. Throws `Conflict` unless `supersedes` is the live
   * record, and if a transport was seen in a request that differs in any member.
   */
  seal(record: NewRecord, caller: Caller, deadline: Deadline): Promise<StoredRecord>;
  /**
   * Stores the record of a delivery, unless it was seen before or is not newer than the wallet's revocation or its live
   * record. Of one time, a revocation is newer than a record that was sealed directly, and that one is newer than a
   * delivered one; of two delivered ones the greater event id is. Returns `duplicate` if an earlier try was committed,
   * with any outcome, and changes nothing then. Throws `Conflict` if an id of the delivery belongs to another one.
   */
  receiveCreated(record: DeliveredRecord, delivery: Delivery, deadline: Deadline): Promise<CreatedOutcome>;
  /** Whether a `created` was accepted before, for this wallet. `Conflict` as above. */
  createdSeen(wallet: WalletKey, delivery: Delivery, deadline: Deadline): Promise<boolean>;
  /**
   * Destroys the wallet's delegated shares up to the delivery's time, by the order that `seal` and `receiveCreated`
   * define. If the live record is newer it is kept, else the wallet gets its tombstone. No older record becomes live
   * again. A delivery not newer than another revocation is `outdated` and changes nothing.
   */
  receiveRevoked(wallet: WalletKey, delivery: RevokedDelivery, deadline: Deadline): Promise<RevokedOutcome>;
  /** Returns ciphertext only after the access's log row is committed. */
  unseal(query: UnsealQuery, caller: Caller, deadline: Deadline): Promise<SealedRecord>;
  /** The stored wallets of these ids, spelled exactly so, in the order of their names. */
  walletsOf(walletIds: readonly string[], deadline: Deadline): Promise<readonly WalletKey[]>;
  /**
   * Destroys the wallet's records and leaves its tombstone, as of now or of the newest delivery's time, if that is later.
   * The count is 0 if that was done before.
   */
  revoke(
    wallet: WalletKey,
    reason: string,
    caller: Caller,
    deadline: Deadline,
  ): Promise<{ readonly revoked: number; readonly revokedAt: Date }>;
  records(
    wallet: WalletKey,
    deadline: Deadline,
  ): Promise<{ readonly records: readonly RecordMetadata[]; readonly revokedAt?: Date | undefined }>;
  /** Rows after a sequence number, oldest first. */
  log(wallet: WalletKey, after: number, limit: number, deadline: Deadline): Promise<readonly AccessLogEntry[]>;
  /** Returns the requested version, or the newest. Throws `NotFound` if there is none. */
  properties(wallet: WalletKey, version: number | undefined, deadline: Deadline): Promise<StoredProperties>;
  /** Throws `NotFound` if the wallet was never seen. */
  chainHead(wallet: WalletKey, deadline: Deadline): Promise<ChainHead>;
  close(): Promise<void>;
}
