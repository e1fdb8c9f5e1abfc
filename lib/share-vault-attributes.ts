export interface ShareVaultAttributes {
  readonly environment: string;

  /**
   * @default - the importing stack's
   */
  readonly account?: string;

  /**
   * @default - the importing stack's
   */
  readonly region?: string;

  /**
   * ARNs of the intake keys, for sealing.
   *
   * @default - none: senders get the public keys by another way
   */
  readonly intakeKeyArns?: string[];

  /**
   * The actors that the vault has; a grant for another is refused.
   *
   * @default - not checked
   */
  readonly actors?: string[];
}

export interface ShareVaultLookup {
  readonly environment: string;

  /**
   * Names of the intake keys, for sealing.
   *
   * @default ['intake-1']
   */
  readonly intakeKeyIds?: string[];
}
