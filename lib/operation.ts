/** Operations that a caller can request of a vault. Each operation has its own function. */
export enum Operation {
  /** Store material, encrypted from then on. */
  SEAL = 'seal',
  /** Return material, encrypted to the caller's one-time key. */
  UNSEAL = 'unseal',
  /** Destroy a wallet's material permanently. */
  REVOKE = 'revoke',
  /** Read a wallet's properties, which are not secret. Opens no record. */
  PROPERTIES = 'properties',
  /** List records and the access log, and verify its chain. Returns no material. */
  AUDIT = 'audit',
  /** Stop openings from the next call on, and request a thaw, which needs a second actor. Opens no record. */
  FREEZE = 'freeze',
  /** Confirm a thaw that another actor requested. Can neither freeze nor request. */
  THAW = 'thaw',
}
