import type { Duration } from 'aws-cdk-lib';
import type * as rds from 'aws-cdk-lib/aws-rds';
import type { TlsFloor } from './tls-floor';

/** What can be chosen of the vault's database. */
export interface DatabaseOptions {
  /**
   * Aurora capacity units that the database never goes below: 0 (it pauses; for development) to 256, in halves. It is
   * what the database costs at rest.
   *
   * @default 0.5
   */
  readonly minCapacity?: number;

  /**
   * Aurora capacity units that it never goes above: 1 to 256, in halves.
   *
   * @default 4
   */
  readonly maxCapacity?: number;

  /**
   * How long without a connection until the database pauses, 5 minutes to a day. Only with a `minCapacity` of 0.
   *
   * @default Duration.minutes(10)
   */
  readonly autoPauseAfter?: Duration;

  /**
   * Instances in further zones that take over when the writer fails, 0 to 15. A lower number deletes instances, as the
   * stack's deletion deletes all of them: they hold no data of their own. One that has become the writer hands over first.
   *
   * @default 0
   */
  readonly readers?: number;

  /**
   * How long backups are kept, 1 to 35 days: that long a revoked wallet's ciphertext can still stand in one. Can be changed
   * at any time; copies that AWS Backup has made already keep their own time.
   *
   * @default Duration.days(35)
   */
  readonly backupRetention?: Duration;

  /**
   * Whether AWS Backup keeps a daily copy too, in a backup vault that is there in either case. The account has to be opted
   * in to AWS Backup for Aurora in the region, or no copy is made. A backup vault that holds any can't be deleted.
   *
   * @default - true, unless the database is destroyed with its stack
   */
  readonly backupPlan?: boolean;

  /**
   * The version of Aurora PostgreSQL, 16 or later: the schema's first step needs it. A `minCapacity` of 0 needs 16.3 or
   * later. A later minor version is installed with a short interruption. RDS refuses an earlier version.
   *
   * @default rds.AuroraPostgresEngineVersion.VER_17_9
   */
  readonly engineVersion?: rds.AuroraPostgresEngineVersion;

  /**
   * @default TlsFloor.TLS_1_2
   */
  readonly tlsFloor?: TlsFloor;

  /**
   * The database's port, 1150 to 65,535. A change interrupts the vault until the database has restarted.
   *
   * @default 5433
   */
  readonly port?: number;

  /**
   * The cluster's name: 1 to 63 lower-case letters, digits and single hyphens, since RDS stores no others. Fixed after the
   * first deploy: another name means another, empty database, and CloudFormation refuses the change.
   *
   * @default - share-vault-ENVIRONMENT-DIGITS, with 12 digits of the stack's id
   */
  readonly clusterIdentifier?: string;

  /**
   * 1 to 64 letters, digits, blanks and `_.:/+@=-`. Change it after another database was put behind the same name, such as
   * one restored from a backup: every function is then published anew, and every policy that names something of the
   * database is resolved anew.
   *
   * @default - none
   */
  readonly restoreToken?: string;
}
