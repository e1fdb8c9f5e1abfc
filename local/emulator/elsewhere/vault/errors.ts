/** An error as Vault sends it: a status and `{ "errors": [...] }`. */
export class VaultRefusal extends Error {
  readonly status: number;
  readonly errors: readonly string[];

  constructor(status: number, ...errors: readonly string[]) {
    super(errors.join());
    this.status = status;
    this.errors = errors;
  }
}

/** Vault's own texts, which clients tell apart. */
export const vaultErrors = {
  badRequest: (text: string): VaultRefusal => new VaultRefusal(400, text),
  denied: (): VaultRefusal => new VaultRefusal(403, '1 error occurred:\n\t* permission denied\n\n'),
  /** for a token that is unknown or expired */
  badToken: (): VaultRefusal =>
    new VaultRefusal(403, '2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n'),
  noRoute: (path: string): VaultRefusal =>
    new VaultRefusal(404, `no handler for route "${path}". route entry not found.`),
  /** a missing entry: without a text */
  missing: (): VaultRefusal => new VaultRefusal(404),
  unsupported: (): VaultRefusal => new VaultRefusal(405, '1 error occurred:\n\t* unsupported operation\n\n'),
};
