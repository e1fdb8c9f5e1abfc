import type { Duration } from 'aws-cdk-lib';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';

/** Options of the webhook that Dynamic delivers to. */
export interface WebhookOptions {
  /**
   * Time within which a delivery gets a response: half a second to 29 seconds. If the material is not stored by then,
   * the response is 503, and Dynamic delivers it again. A cold start is added to this time, and an HTTP API ends a
   * request after 30 seconds: above 27 seconds, the 503 may come from the API.
   *
   * @default Duration.seconds(3), or 25 seconds if the database may pause (a `minCapacity` of 0)
   */
  readonly responseTimeout?: Duration;

  /**
   * Sustained requests per second that the API accepts; the response to further requests is 429.
   *
   * @default 50
   */
  readonly throttleRate?: number;

  /**
   * Burst of requests that the API accepts at once, above the sustained rate.
   *
   * @default 100
   */
  readonly throttleBurst?: number;

  /**
   * Existing private keys, by the name (`kid`) under which Dynamic knows their public key. Each is a secret with an RSA
   * key of 2048 to 4096 bits as PKCS#8, DER in `SecretBinary` or PEM in `SecretString`. They open deliveries in
   * addition to the keys in KMS, or instead of them (`webhookKeyIds: []`): 1 to 3 keys in total. The complete ARN must
   * be known (`Secret.fromSecretCompleteArn`). For a secret under a key of your own, name that key
   * (`Secret.fromSecretAttributes`): the function's role gets the permission, and the key's policy remains yours to
   * change. Unlike a key in KMS, such a secret can be copied by everyone who may read it.
   *
   * @default - none: no private key exists outside KMS
   */
  readonly privateKeys?: Readonly<Record<string, secretsmanager.ISecret>>;
}
