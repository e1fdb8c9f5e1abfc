import type { ExternalKey } from './external-key';
import type { IRecordKey } from './record-key';
import type { RecoveryKey } from './recovery-key';

/** Options of the keys that can open a vault's records: at most eight together. */
export interface RecordKeyOptions {
  /**
   * The key that seals all new records: a `ShareKey` created before the vault, in the same stack and for the same
   * environment, or an `ExternalKey`. To replace it once records exist, follow docs/rotation.md: the new key first joins
   * `retiringShareKeys`, then the keys trade places. The migration refuses a deploy that skips a step.
   *
   * @default - a key of the vault's own in AWS KMS
   */
  readonly shareKey?: IRecordKey;

  /**
   * Share keys that open records and seal none, at most four: former ones as long as a record is sealed under them, and a
   * new one before it becomes `shareKey`. `ShareKey.ofVault()` is the key that a vault has without `shareKey`. Removing a
   * key that a record still needs fails the deploy: `share-vault keys census` counts them, and a reseal moves them. Not
   * possible together with `bodyStore`.
   *
   * @default - none
   */
  readonly retiringShareKeys?: IRecordKey[];

  /**
   * Keys outside AWS beside the share key, in order. Each new record is wrapped to all keys: sealing fails if one of them
   * can't be reached.
   *
   * @default - none
   */
  readonly otherKeys?: ExternalKey[];

  /**
   * Whether `unseal` opens a record with the next of `otherKeys` while a key is unavailable, throttled or unreachable. A
   * key that refuses the record's context ends the attempt. Without it, a former share key among `otherKeys` opens
   * nothing, and the migration refuses a deploy with records that only this key sealed.
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
