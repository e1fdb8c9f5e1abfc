import type { ArchivedRows, ChainPosition } from '../lambda/contract/responses';
import type { Kind, MATERIALS } from '../lambda/contract/kinds';
import type { ReplacePropertiesRequest, SealRequest, UnsealItem } from '../lambda/contract/requests';

/** The kinds of records that this client seals and opens. */
export type MaterialKind = Kind;
/** The materials of a record of a kind. */
export type MaterialsOf<K extends MaterialKind> = Readonly<Record<(typeof MATERIALS)[K][number], Uint8Array>>;

/**
 * A wallet on one chain. Ids have 1 to 255 characters in Unicode form NFC, no blank at an end and none that is invisible.
 * A chain has 1 to 10: a name in capitals such as `EVM`, or a CAIP-2 id such as `eip155:1`.
 */
export interface Wallet {
  readonly walletId: string;
  readonly chain: string;
}

type SealFacts = Omit<SealRequest, 'kind' | 'materials'>;

/** A record of one kind. */
export interface SealInputOf<K extends MaterialKind> extends SealFacts {
  readonly kind: K;
  /** each 1 to 65,536 bytes; read before the call returns its promise, and left for the caller to wipe */
  readonly materials: MaterialsOf<K>;
}

/** A record: a wallet on one chain, and exactly the materials of the record's kind. */
export type SealInput = { readonly [K in MaterialKind]: SealInputOf<K> }[MaterialKind];

/** A record of server key shares. */
export interface ServerKeySharesInput extends Omit<SealFacts, 'publicKey'> {
  /** the account's address or public key, stored with the record */
  readonly accountAddress?: string;
  /** the serialized list: 1 to 65,536 bytes, stored byte for byte, never parsed; left for the caller to wipe */
  readonly serverKeyShares: Uint8Array;
}

/** A record to open. Its wallet may have a record of each kind. */
export interface UnsealItemInput extends UnsealItem {
  readonly kind: MaterialKind;
}

export interface UnsealInput extends UnsealItemInput {
  /** 1 to 200 characters: the caller's own statement, stored in the access log */
  readonly reason: string;
}

export interface UnsealManyOptions extends CallOptions {
  /** 1 to 200 characters: the caller's own statement, stored in the access log of each wallet */
  readonly reason: string;
}

/** Wallet properties in the place of those that the wallet has. */
export type ReplacePropertiesInput = Omit<ReplacePropertiesRequest, 'action'>;

export interface RevokeInput extends Wallet {
  /** 1 to 200 characters: the caller's own statement, stored in the access log */
  readonly reason: string;
  /** the kinds of records to destroy. @default - every kind that the actor was given */
  readonly kinds?: readonly MaterialKind[];
}

export interface CallOptions {
  /** aborts the call, between attempts and during one, with the signal's reason; the call may have taken effect */
  readonly signal?: AbortSignal;
}

export interface SealOptions extends CallOptions {
  /**
   * 16 to 64 letters, digits, `_` and `-`. A second call with the same key and the same input, also of another process,
   * returns the record that the first one made, as long as that is stored. The vault compares everything but the materials.
   *
   * @default - each call is another seal
   */
  readonly idempotencyKey?: string;
}

export interface PropertiesOptions extends CallOptions {
  /** 1, 2, 3, … @default - the newest */
  readonly version?: number;
}

export interface CachedPropertiesOptions extends PropertiesOptions {
  /** asks the vault, even if the cache has an entry that is young enough. @default false */
  readonly fresh?: boolean;
}

/** A span of time. Times are in UTC with milliseconds, as `toISOString` writes them: `2026-01-31T12:00:00.000Z`. */
export interface TimeSpan {
  /** included. @default - since the beginning */
  readonly from?: string;
  /** excluded. @default - until now */
  readonly until?: string;
}

export interface LogOptions extends CallOptions, TimeSpan {
  /** entries after this sequence number. @default - from the first */
  readonly after?: number;
}

export interface WalletsOptions extends CallOptions, TimeSpan {
  /** wallets after this one, in the vault's order. @default - from the first */
  readonly after?: Wallet;
}

export interface VerifyProgress {
  /** the last row that was verified */
  readonly verified: number;
  /** the head's; undefined if none is known */
  readonly of: number | undefined;
}

export interface VerifyOptions extends CallOptions {
  /** the row to start after, such as `verifiedTo` of an earlier verification. @default - from the first row on */
  readonly after?: ChainPosition;
  /** the head to verify against, such as one stored elsewhere. @default - the one that the vault has */
  readonly until?: ChainPosition;
  readonly onProgress?: (progress: VerifyProgress) => void;
}

export interface VerifyRowsOptions extends VerifyOptions {
  /** rows that were archived, of `archivedLog`: only their ends are compared with the rows beside them, so the result counts them as `archivedRows` @default - none */
  readonly archived?: readonly ArchivedRows[];
}
