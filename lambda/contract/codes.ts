/** The codes of the vault's responses and errors. They are stable, so callers can branch on them. */

/** The codes of accepted deliveries. */
export const WEBHOOK_CODES = [
  /** a ping */
  'Pong',
  /** the wallet's material is sealed and stored */
  'Sealed',
  /** the wallet's material is destroyed, and its tombstone exists */
  'Destroyed',
  /** a revocation that is older than the wallet's record: superseded records are destroyed, the record is kept */
  'SupersededDestroyed',
  /** this delivery was seen before */
  'Duplicate',
  /** something newer is known of this wallet: a revocation, or a record */
  'Outdated',
  /** an event that the vault has no use for */
  'Ignored',
] as const;
export type WebhookCode = (typeof WEBHOOK_CODES)[number];

/** Every code under which the vault refuses or fails: the `name` of a thrown error, Lambda's `errorType`. */
export const ERROR_CODES = [
  /** the request is not of the documented shape */
  'InvalidRequest',
  /** an encrypted material is refused: its header, its key or its ciphertext */
  'TransportRejected',
  /** a webhook's signature does not fit its body */
  'SignatureMismatch',
  /** a webhook's body is longer than LIMITS.webhookBytes */
  'PayloadTooLarge',
  /** a secret is still empty, or Secrets Manager can't be used now: try again */
  'SecretUnavailable',
  /** the function was not invoked through an actor's alias, or the actor was not given this kind */
  'ActorRequired',
  /** no record of this wallet, chain and kind (or another user's) */
  'NotFound',
  /** the wallet was revoked */
  'Revoked',
  /** opening is frozen: by an operator, or after the database was restored */
  'Frozen',
  /** a live record exists and is not the one to supersede, or a transport was used before, in another request */
  'Conflict',
  /** the wallet's properties have another version than the request replaces */
  'VersionConflict',
  /** the wallet's properties have backup information and the new ones have none: it would be lost */
  'StaleWalletProperties',
  /** an item of a batch does not fit the response: it was not opened, so ask for it in another request */
  'BatchTooLarge',
  /** the sealed bytes are bound to another record, field, wallet or environment */
  'ContextMismatch',
  /** the sealed bytes are not a message, or were changed */
  'MessageCorrupt',
  /** the key is disabled, pending deletion, deleted, or not allowed: nothing helps but an operator */
  'KeyUnavailable',
  /** KMS asks to slow down: try again */
  'KeyThrottled',
  /** KMS did not respond in the time left: try again */
  'KeyTimeout',
  /** KMS failed or could not be reached: try again */
  'KeyUnreachable',
  /** the database, or the store of sealed bodies, can't be used now: try again */
  'StoreUnavailable',
  /** the store of sealed bodies has as many entries as it may have: nothing helps but an operator */
  'StoreFull',
  /** the function's environment variables are missing or malformed */
  'Misconfigured',
  /** a fault of the vault's own */
  'InternalError',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** The codes after which the same request may succeed later. */
export const RETRYABLE_CODES: ReadonlySet<ErrorCode> = new Set([
  'KeyThrottled',
  'KeyTimeout',
  'KeyUnreachable',
  'StoreUnavailable',
  'SecretUnavailable',
]);
