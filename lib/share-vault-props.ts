import type { AccessLogOptions } from './access-log-options';
import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { BodyStoreOptions } from './body-store-options';
import type { DatabaseOptions } from './database-options';
import type { FunctionOptions } from './function-options';
import type { NetworkOptions } from './network-options';
import type { RecordKeyOptions } from './record-key-options';
import type { ResealOptions } from './reseal-options';
import type { RestoreTestingOptions } from './restore-testing-options';
import type { TombstoneOptions } from './tombstone-options';
import type { WebhookOptions } from './webhook-options';

/** Props of `ShareVault`. */
export interface ShareVaultProps
  extends BodyStoreOptions, DatabaseOptions, FunctionOptions, NetworkOptions, RecordKeyOptions {
  /**
   * Name of the vault: `dev`, `staging`, `prod` or another of 2 to 16 lower-case letters, digits and single hyphens,
   * beginning with a letter and ending in a letter or digit. A name is used once in an account and region, and every
   * record is bound to it. `dev` defaults to the lowest cost (a database that pauses, endpoints in one zone, no backup
   * plan); `prod` requires two zones. It can't change after the first deploy: another name means another vault, and
   * CloudFormation refuses the change.
   */
  readonly environment: string;

  /**
   * Interval at which KMS rotates the material of the share key and the storage key, 90 to 2,560 days.
   *
   * @default Duration.days(90)
   */
  readonly rotationPeriod?: Duration;

  /**
   * Names of the RSA keys that backends encrypt to, 1 to 3. To rotate: add a name, move the senders to it, remove the
   * old name. The key of a removed name is retained, but no function opens data that is still encrypted to it. A name
   * that is added again is a new key.
   *
   * @default ['intake-1']
   */
  readonly intakeKeyIds?: string[];

  /**
   * Names of the RSA keys that Dynamic encrypts to, 1 to 3; an empty list only if `webhook.privateKeys` has a key. The
   * key of a removed name is retained, but deliveries that are still encrypted to it are refused. A name that is added
   * again is a new key.
   *
   * @default ['webhook-1']
   */
  readonly webhookKeyIds?: string[];

  /**
   * Options of the webhook that receives Dynamic's deliveries. `{}` creates an HTTP API with `POST /webhooks/dynamic`,
   * its function, and an empty secret for Dynamic's signing secret. If you remove it, the secret remains, under a name
   * that the same stack can't use again.
   *
   * @default - no webhook: material is only sealed directly
   */
  readonly webhook?: WebhookOptions;

  /**
   * Options of the reseal, which runs after each rotation of a share key in AWS KMS. Not possible together with
   * `bodyStore`.
   *
   * @default {} - one worker and no schedule; no reseal with a bodyStore
   */
  readonly reseal?: ResealOptions;

  /**
   * Options of a bucket with Object Lock that gets each revocation's tombstone and each reseal's receipt. After a
   * restore, `share-vault tombstones replay` closes from there what was revoked since the backup. In a network with
   * endpoints of the vault, they then include one for S3.
   *
   * @default - no bucket: export lists of tombstones yourself, and receipts are in the database only
   */
  readonly tombstones?: TombstoneOptions;

  /**
   * Options of the access log: after a retention, whole months move from the database to the bucket of tombstones.
   *
   * @default - rows are kept forever in the database
   */
  readonly accessLog?: AccessLogOptions;

  /**
   * Options of restore testing: AWS Backup restores the newest daily backup once a week, and a function checks it and opens a
   * canary. Needs a backup plan and a share key in AWS KMS. Not possible together with `bodyStore`.
   *
   * @default - no test: whether backups can be restored is unknown until you do it
   */
  readonly restoreTesting?: RestoreTestingOptions;

  /**
   * Topic for alarms: a standard topic of the vault's account and region. The owner of an imported topic keeps its
   * policy.
   *
   * @default - a topic of the vault's own, without a subscription
   */
  readonly alarmTopic?: sns.ITopic;

  /**
   * Removal policy of keys, database and logs, and of everything that the database needs. DESTROY makes every record
   * permanently unreadable. A change to DESTROY lifts the protection of the database at the next deploy.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}
