/** How far a vault's records are behind its share key. Nothing of a vault with a body store: it has no reseal. */
export interface MeasuredMaterials {
  /** records that are not on the newest material of the share key that the vault knows, superseded ones included */
  readonly staleRecords?: number;
  /** whole days since the vault met the oldest material that a record needs; 0 if none is under a key in AWS KMS */
  readonly oldestMaterialDays?: number;
}
