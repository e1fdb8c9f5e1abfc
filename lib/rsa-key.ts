import { RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { KEY_OPEN, KEY_PUBLIC } from './private/actions';
import { requireAccount, requireEnvironment, requireKid, requireMember, requireRemovalPolicy } from './private/checks';
import { guardTemplate } from './private/final-template';
import { keyGrant } from './private/key-grant';
import { createKey } from './private/own-key';

/** Senders that encrypt to an RSA key. */
export enum RsaKeyPurpose {
  /** Dynamic encrypts the material that its webhooks deliver. */
  WEBHOOK = 'webhook',
  /** Your backends encrypt the material that they seal directly. */
  INTAKE = 'intake',
}

/** Props of `RsaKey`. */
export interface RsaKeyProps {
  /** Environment of the vault. */
  readonly environment: string;
  /** Senders that encrypt to the key. */
  readonly purpose: RsaKeyPurpose;

  /** Name by which senders say that they used this key: 1 to 64 letters, digits and `_.-`. */
  readonly kid: string;

  /**
   * Removal policy of the key.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * An RSA key pair with a private key that never leaves KMS. Everyone who may read the public key can encrypt to it;
 * only the one role that has `grantOpen` can decrypt. RSA keys don't rotate: add a second key, then remove the first.
 */
export class RsaKey extends Construct {
  /** Name of the key. */
  public readonly kid: string;
  /** Senders that encrypt to the key. */
  public readonly purpose: RsaKeyPurpose;
  /** ARN of the key. */
  public readonly keyArn: string;
  /** Id of the key. */
  public readonly keyId: string;
  private readonly key: kms.Key;
  private readonly readers = new Set<string>();

  constructor(scope: Construct, id: string, props: RsaKeyProps) {
    super(scope, id);
    const { removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE } = props;
    requireEnvironment(props.environment);
    requireRemovalPolicy(removalPolicy);
    requireMember('purpose', props.purpose, RsaKeyPurpose);
    requireKid('kid', props.kid);
    guardTemplate(this, removalPolicy);

    this.key = createKey(this, {
      description: `share vault ${props.environment}: ${props.purpose} key ${props.kid}`,
      keySpec: kms.KeySpec.RSA_4096,
      keyUsage: kms.KeyUsage.ENCRYPT_DECRYPT,
      furtherAdministration: [KEY_PUBLIC],
      removalPolicy,
    });
    this.kid = props.kid;
    this.purpose = props.purpose;
    this.keyArn = this.key.keyArn;
    this.keyId = this.key.keyId;
  }

  /** Lets a role of the account decrypt with RSA-OAEP and SHA-256, the only algorithm that senders use. */
  public grantOpen(role: iam.IRole): iam.Grant {
    return keyGrant(this.key, role, () => {
      const statement = new iam.PolicyStatement({
        sid: 'AllowDecrypt',
        principals: [new iam.ArnPrincipal(role.roleArn)],
        actions: [KEY_OPEN],
        resources: ['*'],
        conditions: { StringEquals: { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_256' } },
      });
      this.key.addToResourcePolicy(statement);
      return statement;
    });
  }

  /** Lets another account's identities fetch the public key if that account's own policies allow it too. */
  public allowPublicKeyTo(account: string): void {
    requireAccount(account);
    if (this.readers.has(account)) return;
    this.readers.add(account);
    this.key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: `AllowPublicKeyTo${this.readers.size}`,
        principals: [new iam.AccountPrincipal(account)],
        actions: [KEY_PUBLIC],
        resources: ['*'],
      }),
    );
  }
}
