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

export type Side = '<' | '>';
export const SIDES: readonly Side[] = ['<', '>'];

/**
 * Whether a row of the key `v_key` is sealed otherwise than its run wants it and the run has not failed at it. Two
 * comparisons of the index's columns, each a range of it: `v_low` and `v_high` are the material of the run's target.
 */
export const isStale = (side: Side): string =>
  `s.encryption_key_id = v_key AND s.key_material_id ${side} ${side === '<' ? 'v_low' : 'v_high'}
        AND NOT EXISTS (SELECT FROM vault.reseal_failures AS f WHERE f.run = p_run AND f.record_id = s.id)`;

/** Of any key but the target's every material is stale: no id of one comes after a letter that is no hexadecimal digit. */
export const BOUNDS = String.raw`
    v_low := CASE WHEN v_key = v_run.key_id THEN v_run.key_material_id ELSE 'z' END;
    v_high := CASE WHEN v_key = v_run.key_id AND v_run.key_material_id <> '' THEN v_run.key_material_id ELSE 'z' END;`;
