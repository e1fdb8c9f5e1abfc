/** Identifies a wallet, to which records and an access log belong: one row of `wallets`. */
export interface WalletKey {
  readonly walletId: string;
  readonly chain: string;
}

/** Names a wallet as a revocation sends it. */
export interface NamedWallet {
  readonly walletId: string;
  /** every chain that is stored for the wallet's id, if absent */
  readonly chain?: string | undefined;
}

/** The columns of a record that enter its encryption context, besides its wallet, id and field. */
export interface Ownership {
  readonly userId?: string | undefined;
  readonly publicKey?: string | undefined;
  readonly shareSetId?: string | undefined;
  /** 32 bytes: SHA-256 of the wallet properties at the time of the seal */
  readonly propertiesSha256?: Uint8Array | undefined;
}
