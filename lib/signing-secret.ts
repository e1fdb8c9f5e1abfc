import { RemovalPolicy } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { requireEnvironment, requireRemovalPolicy } from './private/checks';
import { guardTemplate } from './private/final-template';
import { stackSuffix } from './private/names';
import type { StorageKey } from './storage-key';

/** Props of `SigningSecret`. */
export interface SigningSecretProps {
  /** Environment of the vault. */
  readonly environment: string;
  /** Key that encrypts the secret. */
  readonly storageKey: StorageKey;

  /**
   * Removal policy of the secret. Without the secret, no delivery can be distinguished from a forged one.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The secret with which Dynamic signs its deliveries. Dynamic creates it when the webhook is registered, and the
 * registration needs the URL of the deployed API: the secret is empty at first. Until it is filled, deliveries get a
 * response of 503.
 */
export class SigningSecret extends Construct {
  /** The secret, empty until it is filled. */
  public readonly secret: secretsmanager.ISecret;
  /** Name of the secret. It ends in digits of the stack's id, which is known only at deploy. */
  public readonly secretName: string;

  constructor(scope: Construct, id: string, props: SigningSecretProps) {
    super(scope, id);
    const { removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE } = props;
    requireEnvironment(props.environment);
    requireRemovalPolicy(removalPolicy);
    guardTemplate(this, removalPolicy);
    this.secretName = `share-vault/${props.environment}/webhook-signing-secret-${stackSuffix(this)}`;

    // CDK's own Secret generates a value: every genuine delivery would then be refused permanently instead of retried
    const secret = new secretsmanager.CfnSecret(this, 'Secret', {
      name: this.secretName,
      description: `share vault ${props.environment}: signs Dynamic's deliveries`,
      kmsKeyId: props.storageKey.key.keyArn,
    });
    secret.applyRemovalPolicy(removalPolicy);
    this.secret = secretsmanager.Secret.fromSecretAttributes(this, 'Import', {
      secretCompleteArn: secret.ref,
      encryptionKey: props.storageKey.key,
    });
  }
}
