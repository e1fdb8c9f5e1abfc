/** Limits that several parts check; bytes unless the name says otherwise. */
export const LIMITS = {
  /** a material: 1 to this many bytes */
  materialBytes: 65_536,
  /** user, wallet, public key and share set ids, in characters (the columns are varchar(255)) */
  idChars: 255,
  /** a chain's name, in characters (the column is varchar(10)) */
  chainChars: 10,
  /** the reason of an unseal or a revocation, in characters */
  reasonChars: 200,
  /** wallet properties, in bytes of UTF-8 */
  walletPropertiesBytes: 262_144,
  /** maximum age of a transport JWE's `iat`, in seconds */
  transportAgeSeconds: 600,
  /** how far a transport JWE's `iat` may be ahead of now, in seconds */
  transportAheadSeconds: 60,
  /** a webhook's body, in bytes */
  webhookBytes: 65_536,
  /** how far a webhook's event time may be ahead of now, in seconds */
  webhookAheadSeconds: 300,
  /** records that one request seals or unseals */
  batchRecords: 100,
  /** a page of the access log, of records or of wallets, in rows */
  pageRows: 500,
  /** problems of an access log that a verification lists: each row could have one */
  logProblems: 100,
  /** RSA keys that are tried on one envelope. Each try is a call to KMS: a stranger must not be able to cause many */
  rsaCandidates: 3,
} as const;

/** The time within which the webhook sends its response, in milliseconds. An HTTP API gives up after 30 seconds. */
export const WEBHOOK_BUDGET_MS = { min: 500, max: 29_000 } as const;

/** Sizes of AES-256-GCM, in bytes. Node accepts tags of 4 bytes unless the length is set. */
export const GCM = { keyBytes: 32, ivBytes: 12, tagBytes: 16 } as const;

/** Lengths of the RSA keys that AWS KMS has. */
export const RSA_MODULUS_BITS = [2_048, 3_072, 4_096] as const;

/** A wrapped data key: the longest ciphertext that KMS accepts and returns. */
export const MAX_WRAPPED_KEY_BYTES = 6_144;
/** Wrapped data keys of a message: the keys that can open it. */
export const MAX_DATA_KEYS = 8;
/** Timeout of the function that reseals: a step works for about five minutes, and then ends what it began. */
export const RESEAL_STEP_MINUTES = 7;
/** Share keys of a vault that only open. */
export const MAX_OPENING_KEYS = 4;
