import { RemovalPolicy } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { requireEnvironment, requireRemovalPolicy } from './private/checks';
import { guardTemplate } from './private/final-template';
import { stackSuffix } from './private/names';
import type { StorageKey } from './storage-key';

export interface SigningSecretProps {
  readonly environment: string;
  /** Encrypts the secret. */
  readonly storageKey: StorageKey;

  /**
   * What becomes of the secret with its stack. Without it no delivery can be told from a forged one.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Where the secret is kept with which Dynamic signs its deliveries. Dynamic makes it when the webhook is registered,
 * which needs the URL, which needs the deploy: so it is empty at first, and until it is filled deliveries are answered
 * with 503.
 */
export class SigningSecret extends Construct {
  public readonly secret: secretsmanager.ISecret;
  /** Ends in digits of the stack's id, which is known at deploy. */
  public readonly secretName: string;

  constructor(scope: Construct, id: string, props: SigningSecretProps) {
    super(scope, id);
    const { removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE } = props;
    requireEnvironment(props.environment);
    requireRemovalPolicy(removalPolicy);
    guardTemplate(this, removalPolicy);
    this.secretName = `share-vault/${props.environment}/webhook-signing-secret-${stackSuffix(this)}`;

    // CDK's own Secret generates a value: every honest delivery would then be refused for good instead of tried again
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
