/** Kinds of record. Each kind has its own materials. */
export enum MaterialKind {
  /** A delegated share and its wallet API key. */
  DELEGATED_SHARE = 'delegated-share',
  /** A list of server key shares. */
  SERVER_KEY_SHARES = 'server-key-shares',
}
