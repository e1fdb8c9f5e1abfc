/** A kind of record as resealing reads and writes it. */
export interface KindOfRecord {
  readonly kind: string;
  readonly table: string;
  /** the sealed columns, by the name of their material in results */
  readonly sealed: Readonly<Record<string, string>>;
}

export const KINDS: readonly KindOfRecord[] = [
  {
    kind: 'delegated-share',
    table: 'vault.delegated_shares',
    sealed: { delegated_share: 'encrypted_delegated_share', wallet_api_key: 'encrypted_wallet_api_key' },
  },
  {
    kind: 'server-key-shares',
    table: 'vault.server_key_shares',
    sealed: { server_key_shares: 'encrypted_server_key_shares' },
  },
];
