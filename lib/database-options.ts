import type { Duration } from 'aws-cdk-lib';
import type * as rds from 'aws-cdk-lib/aws-rds';
import type { TlsFloor } from './tls-floor';

/** Options of the vault's database. */
export interface DatabaseOptions {
  /**
   * Minimum capacity in Aurora capacity units (ACU): 0 to 256, in steps of 0.5. At 0, which is for development, the
   * database pauses. An idle database costs this capacity.
   *
   * @default 0.5
   */
  readonly minCapacity?: number;

  /**
   * Maximum capacity in Aurora capacity units (ACU): 1 to 256, in steps of 0.5. It also determines how many connections
   * the database has, and so the functions' reserved concurrency. After a change the instances have the new number of
   * connections only once they were restarted: see docs/connections.md.
   *
   * @default 4
   */
  readonly maxCapacity?: number;

  /**
   * Time without a connection after which the database pauses: 5 minutes to a day. Only with a `minCapacity` of 0.
   *
   * @default Duration.minutes(10)
   */
  readonly autoPauseAfter?: Duration;

  /**
   * Number of instances in further zones, 0 to 15. One of them takes over if the writer fails. A lower number deletes
   * instances, as the deletion of the stack does: instances hold no data of their own. An instance that has become the
   * writer hands over first.
   *
   * @default 0
   */
  readonly readers?: number;

  /**
   * Time for which backups are kept: 1 to 35 days. A backup can contain a revoked wallet's ciphertext for that time. It
   * can be changed at any time, but does not affect copies that AWS Backup has already made.
   *
   * @default Duration.days(35)
   */
  readonly backupRetention?: Duration;

  /**
   * Whether AWS Backup also keeps a daily copy. Its backup vault exists in both cases. No copy is made unless the
   * account is opted in to AWS Backup for Aurora in the region. A backup vault with a copy in it can't be deleted.
   *
   * @default - true, unless the database is destroyed with its stack
   */
  readonly backupPlan?: boolean;

  /**
   * Version of Aurora PostgreSQL, 16 or later: the first migration needs it. A `minCapacity` of 0 needs 16.3 or later.
   * A later minor version is installed with a short interruption. RDS refuses an earlier version.
   *
   * @default rds.AuroraPostgresEngineVersion.VER_17_9
   */
  readonly engineVersion?: rds.AuroraPostgresEngineVersion;

  /**
   * Oldest TLS version that the database accepts.
   *
   * @default TlsFloor.TLS_1_2
   */
  readonly tlsFloor?: TlsFloor;

  /**
   * Port of the database, 1150 to 65,535. A change interrupts the vault until the database has restarted.
   *
   * @default 5433
   */
  readonly port?: number;

  /**
   * Name of the cluster: 1 to 63 lower-case letters, digits and single hyphens, since RDS stores no others. It can't
   * change after the first deploy: another name means another, empty database, and CloudFormation refuses the change.
   *
   * @default - share-vault-ENVIRONMENT-DIGITS, with 12 digits of the stack's id
   */
  readonly clusterIdentifier?: string;

  /**
   * A text of 1 to 64 letters, digits, blanks and `_.:/+@=-`. Change it after you have put another database behind the
   * same name, for example one restored from a backup, or the former one again. Use a text that was never used before.
   * Every function is then published again, and every policy that names a part of the database is resolved again. The
   * deploy freezes the database, also if you take the text out: nothing is opened until tombstones were replayed and two
   * actors thaw it.
   *
   * @default - none
   */
  readonly restoreToken?: string;
}
