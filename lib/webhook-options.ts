import type { Duration } from 'aws-cdk-lib';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';

/** What can be chosen of the webhook that Dynamic delivers to. */
export interface WebhookOptions {
  /**
   * Within what time a delivery is answered, whatever became of it: half a second to 29 seconds. What could not be
   * stored by then is answered with 503, and Dynamic delivers it again. A cold start comes on top, and an HTTP API gives
   * up after 30 seconds in all: over 27, it may be the API that answers, also with 503.
   *
   * @default Duration.seconds(3), or 25 seconds where the database may pause (a `minCapacity` of 0)
   */
  readonly answerWithin?: Duration;

  /**
   * Requests a second that the API lets through, in the long run; further ones are answered with 429.
   *
   * @default 50
   */
  readonly throttleRate?: number;

  /**
   * Requests that it lets through at once, before the rate counts.
   *
   * @default 100
   */
  readonly throttleBurst?: number;

  /**
   * Private keys that exist already, by the name (`kid`) under which Dynamic knows their public half: each a secret whose
   * value is an RSA key of 2048 to 4096 bits as PKCS#8, DER in `SecretBinary` or PEM in `SecretString`. They open
   * deliveries beside the keys in KMS, or instead of them (`webhookKeyIds: []`); 1 to 3 of both in all. The complete ARN
   * has to be known (`Secret.fromSecretCompleteArn`). For a secret under a key of your own, name that key
   * (`Secret.fromSecretAttributes`): what the function may do with it is granted, its key policy stays yours. Unlike a key
   * in KMS, whoever may read such a secret can copy it.
   *
   * @default - none: the private keys never exist outside KMS
   */
  readonly privateKeys?: Readonly<Record<string, secretsmanager.ISecret>>;
}
