/** Attributes of a vault that is imported from another app. */
export interface ShareVaultAttributes {
  /** Environment of the vault. */
  readonly environment: string;

  /**
   * Account of the vault.
   *
   * @default - account of the importing stack
   */
  readonly account?: string;

  /**
   * Region of the vault.
   *
   * @default - region of the importing stack
   */
  readonly region?: string;

  /**
   * ARNs of the intake keys by name, for sealing, as in the vault's output `IntakeKeys`. A connected function encrypts to
   * the first one.
   *
   * @default - none: senders get the public keys in another way
   */
  readonly intakeKeys?: Readonly<Record<string, string>>;

  /**
   * Names of the vault's actors; a grant for another actor is refused.
   *
   * @default - not checked
   */
  readonly actors?: string[];
}

/** Attributes of a vault that is imported by its parameters. */
export interface ShareVaultLookup {
  /** Environment of the vault. */
  readonly environment: string;

  /**
   * Names of the intake keys, for sealing.
   *
   * @default ['intake-1']
   */
  readonly intakeKeyIds?: string[];
}
