import type {
  AccessLogEntry,
  ArchivedRows,
  AuditCensusResponse,
  AuditRecordsResponse,
  ListedWallet,
} from '../contract/responses';
import type { Kind, MaterialName } from '../contract/kinds';
import type { VaultError } from '../contract/errors';
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
  /** KMS's id of the key material that wrapped every data key of the record, '' if unknown */
  readonly keyMaterialId: string;
  /** `jti`s of the transports that the materials arrived in: together they identify the request */
  readonly transportIds: readonly string[];
  readonly supersedes?: string | undefined;
  /** replace the wallet's properties, unless they are the same */
  readonly properties?: PropertiesWrite | undefined;
}

/** New properties of a wallet, and the version that they replace. */
export interface PropertiesWrite {
  readonly text: string;
  /** 32 bytes, of the text in UTF-8 */
  readonly sha256: Uint8Array;
  /** whether the text holds backup information, which no endpoint can give back */
  readonly hasBackupInfo: boolean;
  /** @default - none: the wallet has no properties yet, or the same */
  readonly expectedVersion?: number | undefined;
  /** whether they may lack the backup information that the replaced version has */
  readonly force?: boolean | undefined;
  /** whether the replaced version must have no backup information, neither the same nor another */
  readonly keepBackupInfo?: boolean | undefined;
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
  /** KMS's id of the key material that wrapped every data key of the record, '' if unknown */
  readonly keyMaterialId: string;
  readonly sealed: Readonly<Record<'delegatedShare' | 'walletApiKey', Uint8Array>>;
}

/** One version of a wallet's properties. */
export interface StoredProperties {
  readonly version: number;
  /** absent if it is the one that the caller has */
  readonly properties?: string | undefined;
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

/** The live record of a wallet, of one kind. */
export interface RecordQuery extends WalletKey {
  readonly kind: Kind;
  /** if given, the record must be this user's */
  readonly userId?: string | undefined;
}

export interface UnsealQuery extends RecordQuery {
  readonly reason: string;
}

export interface SealedRecord extends Ownership {
  readonly recordId: string;
  readonly sealed: SealedMaterials;
  readonly accessCount: number;
  /** whether it was sealed under other properties than the wallet's present ones */
  readonly propertiesChanged: boolean;
}

/** A revocation, as it ended. */
export interface Revocation {
  /** records that were destroyed */
  readonly revoked: number;
  /** the latest of its kinds' tombstones */
  readonly revokedAt: Date;
  /** whether anything but a revocation was known of the wallet before */
  readonly known: boolean;
  /** when no backup can be opened any more, if that depends on bodies outside the database */
  readonly unreadableAfter?: Date;
}

/** Limits of a span of time: from one included to the other excluded. */
export interface Span {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

/** A page of wallets in the order of their names. */
export interface WalletPage {
  /** those with rows of the access log in the span */
  readonly wallets: readonly ListedWallet[];
  /** the last one of the page, if it is full */
  readonly next?: WalletKey | undefined;
}

/**
 * The store of records. Each method needs one round trip on an open connection. Throws only `VaultError`: `Conflict`,
 * `NotFound`, `Revoked` as codes.ts describes them, `StoreUnavailable` when the database can't be used (nothing is half
 * written: a failed write left no row; it may be tried again with the same record and transport ids). A lost
 * connection is made again once by itself.
 */
export interface RecordStore {
  /**
   * Stores a record that a caller sealed directly, as the wallet's newest of its kind: it is ordered by the newest event
   * time of the deliveries that the wallet had accepted, after their records. Throws `Conflict` unless `supersedes` is
   * the live record, and if a transport was seen in a request that differs in any member; `VersionConflict` and
   * `StaleWalletProperties` for its properties, as `replaceProperties` does.
   */
  seal(record: NewRecord, caller: Caller, deadline: Deadline): Promise<StoredRecord>;
  /** Stores 1 to 100 records. Returns an error in the place of each that is refused; the others are stored. */
  sealAll(
    records: readonly NewRecord[],
    caller: Caller,
    deadline: Deadline,
  ): Promise<readonly (StoredRecord | VaultError)[]>;
  /**
   * Replaces a known wallet's properties under its lock. The same text gets no version of its own. Throws `NotFound` if
   * the wallet was never sealed, `Revoked` if its server key shares were revoked, `VersionConflict` if it has another
   * version than the expected one, and `StaleWalletProperties` if backup information would be lost without `force`.
   */
  replaceProperties(
    wallet: WalletKey,
    properties: PropertiesWrite,
    caller: Caller,
    deadline: Deadline,
  ): Promise<Omit<StoredProperties, 'properties'>>;
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
  /**
   * Returns the ciphertext of 1 to 100 records after the log rows of all are committed. Returns an error in the place of
   * each that is refused: `BatchTooLarge` if it would make the response too large.
   */
  unsealAll(
    queries: readonly RecordQuery[],
    reason: string,
    caller: Caller,
    deadline: Deadline,
  ): Promise<readonly (SealedRecord | VaultError)[]>;
  /** The stored wallets of these ids, spelled exactly so, in the order of their names. */
  walletsOf(walletIds: readonly string[], deadline: Deadline): Promise<readonly WalletKey[]>;
  /**
   * Destroys the wallet's records of these kinds and leaves their tombstones, as of now or of the newest delivery's time,
   * if that is later. The count is 0 if that was done before.
   */
  revoke(
    wallet: WalletKey,
    kinds: readonly Kind[],
    reason: string,
    caller: Caller,
    deadline: Deadline,
  ): Promise<Revocation>;
  records(wallet: WalletKey, deadline: Deadline): Promise<AuditRecordsResponse>;
  /** Counts records by kind, key and key material, superseded ones included. */
  census(deadline: Deadline): Promise<AuditCensusResponse>;
  /** A page of the vault's wallets after one, by their names. */
  wallets(after: WalletKey | undefined, limit: number, span: Span, deadline: Deadline): Promise<WalletPage>;
  /** Rows after a sequence number, oldest first. */
  log(
    wallet: WalletKey,
    after: number,
    limit: number,
    deadline: Deadline,
    span?: Span,
  ): Promise<readonly AccessLogEntry[]>;
  /**
   * Returns the requested version, or the newest; without the text if it has this SHA-256. Throws `NotFound` if there is
   * none.
   */
  properties(
    wallet: WalletKey,
    version: number | undefined,
    deadline: Deadline,
    unless?: Uint8Array,
  ): Promise<StoredProperties>;
  /** Throws `NotFound` if the wallet was never seen. */
  chainHead(wallet: WalletKey, deadline: Deadline): Promise<ChainHead>;

  /** Returns the wallet's rows that were archived, as spans in the order of their numbers. */
  archivedRows(wallet: WalletKey, deadline: Deadline): Promise<readonly ArchivedRows[]>;
  close(): Promise<void>;
}
