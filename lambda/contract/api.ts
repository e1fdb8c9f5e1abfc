/**
 * What callers send to the vault's functions and what they get back. No code but constants: the client and the
 * handlers both import this file, and it is all that the client knows of the runtime.
 */

import type { AuditHeadAnswer, AuditLogAnswer, AuditVerifyAnswer, AuditVerifyRequest } from './access-log';
import type { ErrorCode, WebhookCode } from './codes';

export * from './codes';
export type * from './access-log';

/** The kinds of record, as they stand in requests. */
export type Kind = 'delegated-share' | 'server-key-shares';
export const KINDS: readonly Kind[] = ['delegated-share', 'server-key-shares'];

/** The materials of a delegated-share record, by their names in requests and answers. */
export type MaterialName = 'delegatedShare' | 'walletApiKey' | 'serverKeyShares';

/** The `field` of an encryption context and of a transport header, for each material. */
export const FIELDS = {
  delegatedShare: 'delegated_share',
  walletApiKey: 'wallet_api_key',
  serverKeyShares: 'server_key_shares',
} as const satisfies Record<MaterialName, string>;
export type Field = (typeof FIELDS)[MaterialName];

/** Which materials a record of each kind holds. */
export const MATERIALS = {
  'delegated-share': ['delegatedShare', 'walletApiKey'],
  'server-key-shares': ['serverKeyShares'],
} as const satisfies Record<Kind, readonly MaterialName[]>;

/** Limits that both sides check; bytes unless the name says otherwise. */
export const LIMITS = {
  /** a material: 1 to this many bytes */
  materialBytes: 65_536,
  /** user, wallet, public key and share set ids, in characters (the columns are varchar(255)) */
  idChars: 255,
  /** a chain's name, in characters (the column is varchar(10)) */
  chainChars: 10,
  /** an unseal's or a revocation's reason, in characters */
  reasonChars: 200,
  /** wallet properties, in bytes of UTF-8 */
  walletPropertiesBytes: 65_536,
  /** how old a transport JWE's `iat` may be, in seconds */
  transportAgeSeconds: 600,
  /** how far a transport JWE's `iat` may lie ahead of now, in seconds */
  transportAheadSeconds: 60,
  /** a webhook's body, in bytes */
  webhookBytes: 65_536,
  /** how far a webhook's event time may lie ahead of now, in seconds */
  webhookAheadSeconds: 300,
  /** a page of the access log or of records, in rows */
  pageRows: 500,
} as const;

/** `typ` of a JWE that carries a material to the vault, and of one that carries it out. */
export const TRANSPORT_IN = 'share-vault-in';
export const TRANSPORT_OUT = 'share-vault-out';

/** Exactly the members of an inbound JWE's protected header; `userId` is the empty string where the request has none. */
export interface InboundHeader {
  readonly alg: 'RSA-OAEP-256';
  readonly enc: 'A256GCM';
  readonly typ: typeof TRANSPORT_IN;
  /** which intake key it is encrypted to */
  readonly kid: string;
  /** the vault's environment */
  readonly env: string;
  readonly kind: Kind;
  readonly field: Field;
  readonly walletId: string;
  readonly userId: string;
  readonly chain: string;
  /** seconds since 1970, whole */
  readonly iat: number;
  /** 16 to 64 characters of base64url, chosen at random by the sender, never used again */
  readonly jti: string;
}

/** Exactly the members of an outbound JWE's protected header. */
export interface OutboundHeader {
  readonly alg: 'ECDH-ES';
  readonly enc: 'A256GCM';
  readonly epk: RecipientJwk;
  readonly typ: typeof TRANSPORT_OUT;
  /** RFC 7638 SHA-256 thumbprint of the recipient, base64url */
  readonly kid: string;
  readonly env: string;
  /** the record's UUID */
  readonly record: string;
  readonly field: Field;
  readonly walletId: string;
  readonly chain: string;
  /** the request's 16 random bytes, base64url: an answer can't be given to another question */
  readonly req: string;
}

/** A one-time public key, P-256 or X25519. Coordinates are 32 bytes, base64url. Nothing private, nothing else. */
export interface RecipientJwk {
  readonly kty: 'EC' | 'OKP';
  readonly crv: 'P-256' | 'X25519';
  readonly x: string;
  /** P-256 alone */
  readonly y?: string;
  readonly kid?: string;
}

export interface SealRequest {
  readonly kind: Kind;
  readonly userId?: string;
  readonly walletId: string;
  readonly chain: string;
  /** the wallet's public key or address */
  readonly publicKey?: string;
  readonly shareSetId?: string;
  /** the record that this one replaces; without it a live record is never replaced */
  readonly supersedes?: string;
  /** each a compact JWE */
  readonly materials: Readonly<Partial<Record<MaterialName, string>>>;
  /** opaque text, stored as it came; not secret */
  readonly walletProperties?: string;
}

export interface SealAnswer {
  /** UUID */
  readonly recordId: string;
  /** ARN of the KMS key that wraps the record's data keys */
  readonly keyId: string;
  /** ISO 8601, UTC */
  readonly createdAt: string;
  readonly supersededRecordId?: string;
}

export interface UnsealRequest {
  readonly kind: Kind;
  readonly walletId: string;
  readonly chain: string;
  /** where given, the record must be this user's */
  readonly userId?: string;
  readonly recipient: RecipientJwk;
  /** 16 random bytes, base64url (22 characters) */
  readonly req: string;
  /** the caller's own statement, kept in the access log, unverified */
  readonly reason: string;
}

export interface UnsealAnswer {
  readonly recordId: string;
  readonly kind: Kind;
  /** each a compact JWE to the recipient */
  readonly materials: Readonly<Partial<Record<MaterialName, string>>>;
  readonly publicKey?: string;
  /** how often this record was opened, this time included */
  readonly accessCount: number;
}

export interface RevokeRequest {
  readonly walletId: string;
  readonly chain: string;
  readonly reason: string;
}

export interface RevokeAnswer {
  /** records destroyed by this call; 0 where the wallet was revoked before, be it by a try of this call whose answer was lost */
  readonly revoked: number;
  /** ISO 8601: when the last backup that could still hold them expires */
  readonly unreadableAfter: string;
}

/**
 * `records` lists a wallet's records without ciphertext, `log` pages its access log, `head` returns the log's length
 * and last hash as the wallet's row remembers them, `verify` checks the log's hash chain against that head.
 */
export type AuditRequest =
  | { readonly action: 'records'; readonly walletId: string; readonly chain: string }
  | {
      readonly action: 'log';
      readonly walletId: string;
      readonly chain: string;
      /** rows after this sequence number; from the first where absent */
      readonly after?: number;
      /** 1 to LIMITS.pageRows, by default that */
      readonly limit?: number;
    }
  | { readonly action: 'head'; readonly walletId: string; readonly chain: string }
  | AuditVerifyRequest;

export interface RecordMetadata {
  readonly recordId: string;
  readonly kind: Kind;
  readonly userId?: string;
  readonly publicKey?: string;
  readonly shareSetId?: string;
  readonly keyId: string;
  readonly algorithm: string;
  readonly createdAt: string;
  readonly lastAccessedAt?: string;
  readonly accessCount: number;
  readonly supersededAt?: string;
}

export interface AuditRecordsAnswer {
  readonly records: readonly RecordMetadata[];
  /** ISO 8601, where the wallet was revoked */
  readonly revokedAt?: string;
}

export type AuditAnswer = AuditRecordsAnswer | AuditLogAnswer | AuditHeadAnswer | AuditVerifyAnswer;

/** Reads a wallet's properties, which are not secret; opens nothing. */
export interface PropertiesRequest {
  readonly walletId: string;
  readonly chain: string;
  /** 1, 2, 3, …; the newest where absent */
  readonly version?: number;
}

export interface PropertiesAnswer {
  readonly version: number;
  /** the text as it was sealed */
  readonly walletProperties: string;
  /** of that text in UTF-8, hex */
  readonly sha256: string;
  /** ISO 8601, UTC */
  readonly createdAt: string;
}

/** The body of every answer to a webhook, JSON: no more than this, whatever happened. */
export interface WebhookAnswer {
  readonly code: WebhookCode | ErrorCode;
  /** Lambda's request id */
  readonly requestId: string;
}

export interface MigrateAnswer {
  /** the database user that migrated: the master */
  readonly user: string;
  /** names of the migrations that this call applied, in order */
  readonly applied: readonly string[];
  /** the newest migration that the database has */
  readonly current: string;
  /** whether the database's log gets every access to the vault's tables past its functions */
  readonly audited: boolean;
  /** findings for an operator, without values: settings that login roles had made for themselves @default - nothing */
  readonly warnings?: readonly string[];
}
