import type { ExternalKey } from './external-key';
import type { IRecordKey } from './record-key';
import type { RecoveryKey } from './recovery-key';

/** Options of the keys that can open a vault's records: at most eight together. */
export interface RecordKeyOptions {
  /**
   * A share key created before the vault, in the same stack and for the same environment, or an `ExternalKey`. It can't
   * change once a record exists: the migration refuses a deploy with another share key, or with this prop added, as long
   * as any record is sealed under the former key.
   *
   * @default - a key of the vault's own in AWS KMS
   */
  readonly shareKey?: IRecordKey;

  /**
   * Keys outside AWS beside the share key, in order. Each new record is wrapped to all keys: sealing fails if one of them
   * can't be reached.
   *
   * @default - none
   */
  readonly otherKeys?: ExternalKey[];

  /**
   * Whether `unseal` opens a record with the next of `otherKeys` while a key is unavailable, throttled or unreachable. A
   * key that refuses the record's context ends the attempt.
   *
   * @default false
   */
  readonly openWithOtherKeys?: boolean;

  /**
   * Public keys to which each new record is also wrapped. The holder of a private key can open every record that is
   * sealed while its public key is in the list. The functions' variables have room for about six keys of 2,048 bits, or
   * three of 4,096.
   *
   * @default - none
   */
  readonly recoveryKeys?: RecoveryKey[];

  /**
   * A statement of the list of recovery keys that is about to replace the deployed one: SHA-256 over the sorted
   * fingerprints, joined by line feeds, in base64url. A deploy with a changed list and without this statement fails. Synth
   * prints the value. It may remain after the deploy.
   *
   * @default - the list is the deployed one
   */
  readonly recoveryKeysChange?: string;
}
