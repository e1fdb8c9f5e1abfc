/**
 * A key that wraps the data keys of records: a `ShareKey` in AWS KMS, or an `ExternalKey`. The vault accepts no other
 * implementation.
 */
export interface IRecordKey {
  /** Provider id of the key in sealed messages: `aws-kms`, `gcp-kms` and so on. */
  readonly providerId: string;
}
