/** What a caller can ask of a vault; each is a function of its own. */
export enum Operation {
  /** Store material, encrypted from then on. */
  SEAL = 'seal',
  /** Get material back, encrypted to the caller's one-time key. */
  UNSEAL = 'unseal',
  /** Destroy a wallet's material for good. */
  REVOKE = 'revoke',
  /** Read a wallet's properties, which are not secret; opens nothing. */
  PROPERTIES = 'properties',
  /** List records and the access log, and verify its chain; no material. */
  AUDIT = 'audit',
}
