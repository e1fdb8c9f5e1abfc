/** The names of a wallet's materials, and their bytes in base64url. */
export type Materials = Readonly<Record<string, string>>;

export interface PublicKey {
  readonly kid: string;
  /** SPKI */
  readonly pem: string;
}

export interface Wallet {
  readonly walletId: string;
  readonly chain: string;
  readonly userId?: string;
  readonly publicKey?: string;
}

/** A result, or what was wrong. */
export type Outcome<T> = { readonly result: T } | { readonly refused: string };

/** A backend's part of every exchange with a vault, made without this project's code. */
export interface Implementation {
  seal(call: {
    readonly environment: string;
    readonly intake_key: PublicKey;
    readonly kind: string;
    readonly wallet: Wallet;
    readonly materials: Materials;
  }): Promise<object>;
  /** Makes a key pair and a random value for one request. */
  unseal(call: {
    readonly environment: string;
    readonly kind: string;
    readonly wallet: Wallet;
    readonly reason: string;
  }): Promise<object>;
  /** Opens the response to the last unseal. */
  open(call: { readonly response: unknown }): Promise<Outcome<Materials>>;
  verifyLog(call: {
    readonly wallet: Wallet;
    readonly entries: unknown;
    readonly head: unknown;
  }): Promise<Outcome<null>>;
  delivery(call: {
    readonly webhook_key: PublicKey;
    readonly secret: string;
    readonly wallet: Wallet;
    readonly materials: Materials;
  }): Promise<{ readonly body: string; readonly headers: Readonly<Record<string, string>> }>;
  close(): void;
}
