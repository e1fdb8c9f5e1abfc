import { requireKid, requireObject } from './private/checks';
import { readRecoveryKeyText, type RecoveryKeyText } from './private/recovery-key-text';

/** Props of `RecoveryKey.offline`. */
export interface RecoveryKeyProps {
  /** Name of the key: 1 to 64 letters, digits and `_.-`. Sealed messages contain it. */
  readonly name: string;

  /**
   * Public RSA key of 2,048 to 4,096 bits with the exponent 65,537: SubjectPublicKeyInfo in PEM (`BEGIN PUBLIC KEY`), or
   * its DER in base64. Never give the private key: with it, every reader of the app could open every record.
   */
  readonly publicKey: string;
}

/**
 * A public key to which `seal` and `receive` also wrap each data key, without a call. No function of the vault can open
 * with it. Whoever has the private key can open every record that is sealed while the key is in the list.
 */
export class RecoveryKey {
  /**
   * A key with a private key that is kept outside the vault: offline, in the KMS of another account, or in another cloud.
   * For a key in a KMS, give the public key that the KMS returns.
   */
  public static offline(props: RecoveryKeyProps): RecoveryKey {
    requireObject('offline', props);
    requireKid('name', props.name);
    return new RecoveryKey(readRecoveryKeyText(props.name, props.publicKey));
  }

  /** Name of the key. */
  public readonly name: string;
  /** Public key: SubjectPublicKeyInfo, DER in base64. */
  public readonly publicKey: string;
  /** SHA-256 of SubjectPublicKeyInfo, in base64url without padding. */
  public readonly fingerprint: string;

  private constructor({ name, spki, fingerprint }: RecoveryKeyText) {
    this.name = name;
    this.publicKey = spki.toString('base64');
    this.fingerprint = fingerprint;
  }
}
