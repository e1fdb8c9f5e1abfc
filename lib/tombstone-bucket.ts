import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { LOG_ARCHIVE_PREFIX } from '../lambda/contract/log-archive-prefix';
import { ARCHIVED_DAYS } from '../lambda/contract/log-retention';
import { RECEIPTS_PREFIX } from '../lambda/contract/receipt-prefix';
import { DELEGATED_TOMBSTONES_PREFIX, TOMBSTONES_PREFIX } from '../lambda/contract/tombstone-prefix';
import { ENV } from '../lambda/contract/variables';
import { BUCKET_LIST, OBJECT_DELETE, OBJECT_LOCK, OBJECT_PUT, OBJECT_READ } from './private/actions';
import {
  requireDuration,
  requireEnvironment,
  requireFlag,
  requireRemovalPolicy,
  requireWholeNumber,
} from './private/checks';
import { guardTemplate } from './private/final-template';
import { LIMITS } from './private/patterns';
import type { TombstoneOptions } from './tombstone-options';
import type { VaultFunction } from './vault-function';
import type { VaultNetwork } from './vault-network';

/** Props of `TombstoneBucket`. */
export interface TombstoneBucketProps extends TombstoneOptions {
  /** Environment of the vault. */
  readonly environment: string;
  /** Network of the vault. */
  readonly network: VaultNetwork;
  /** Days after which deleted data has left every backup. */
  readonly backupDays: number;

  /**
   * Whether months of the access log are archived in the bucket: the retention is a year at least.
   *
   * @default false
   */
  readonly archivesLog?: boolean;

  /**
   * Removal policy of the bucket. With DESTROY its objects are in the governance mode, so that an administrator can
   * delete them.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Functions that put objects of each kind. */
interface Writers {
  readonly tombstones: readonly VaultFunction[];
  readonly delegatedTombstones: readonly VaultFunction[];
  readonly receipts: readonly VaultFunction[];
  /** of months of the access log */
  readonly logArchives: readonly VaultFunction[];
}

/** Days for which a tombstone is kept after the last backup that doesn't know it. */
const MARGIN_DAYS = 30;

/**
 * A bucket that keeps the tombstones of revoked wallets and the receipts of reseals outside the database, and old months of
 * the access log: ids, times, counts and callers' reasons, no material. The vault's functions put each object once; nobody replaces it, or deletes it before the end of its
 * retention. After a restore tombstones are replayed: the restored database doesn't know what was revoked since its
 * backup. An auditor compares receipts with the database's.
 */
export class TombstoneBucket extends Construct {
  /** The bucket. */
  public readonly bucket: s3.IBucket;
  /**
   * Environment variables of the functions that put objects.
   *
   * @internal
   */
  public readonly _variables: Readonly<Record<string, string>>;
  /**
   * Whether months of the access log are archived here.
   *
   * @internal
   */
  public readonly _archivesLog: boolean;
  private readonly network: VaultNetwork;

  constructor(scope: Construct, id: string, props: TombstoneBucketProps) {
    super(scope, id);
    const { environment, network, archivesLog = false } = props;
    const { removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE } = props;
    requireEnvironment(environment);
    requireRemovalPolicy(removalPolicy);
    requireFlag('archivesLog', archivesLog);
    requireWholeNumber('backupDays', props.backupDays, LIMITS.backupDays.min, LIMITS.backupDays.max);
    this._archivesLog = archivesLog;
    const archiveDays = this._archivesLog ? ARCHIVED_DAYS : 0;
    const { retention = Duration.days(Math.max(props.backupDays + MARGIN_DAYS, archiveDays)) } = props;
    const min = Math.max(props.backupDays + 1, archiveDays);
    requireDuration('retention', retention, 'days', { min, max: LIMITS.tombstoneDays.max });
    guardTemplate(this, removalPolicy);
    const destroyed = removalPolicy === RemovalPolicy.DESTROY;
    const bucket = new s3.Bucket(this, 'Bucket', {
      // not under the storage key: after a compromise a restore needs them without it
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: destroyed
        ? s3.ObjectLockRetention.governance(retention)
        : s3.ObjectLockRetention.compliance(retention),
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy,
    });
    this.bucket = bucket;
    this.network = network;
    this._variables = {
      [ENV.tombstoneBucket]: `${Stack.of(this).account}/${bucket.bucketName}`,
      ...network._bucketVariables,
    };
    this.protect(destroyed);
  }

  /**
   * Lets functions put objects of one kind each, and no one else. Nobody puts an object of another kind.
   *
   * @internal
   */
  public _allowPut(writers: Writers): void {
    const kinds = [
      ['Tombstones', TOMBSTONES_PREFIX, writers.tombstones],
      ['DelegatedTombstones', DELEGATED_TOMBSTONES_PREFIX, writers.delegatedTombstones],
      ['Receipts', RECEIPTS_PREFIX, writers.receipts],
      // no others: without archives such objects are of no kind
      ...(this._archivesLog ? [['LogArchives', LOG_ARCHIVE_PREFIX, writers.logArchives] as const] : []),
    ] as const;
    for (const [kind, prefix, functions] of kinds) {
      const objects = this.objects(prefix);
      for (const fn of functions) this.allow(fn, `AllowKeep${kind}`, [OBJECT_PUT], [objects]);
      const roles = functions.map(({ role }) => role.roleArn);
      this.deny(`DenyPut${kind}UnlessOwnFunctions`, [OBJECT_PUT], {
        resources: [objects],
        // without functions nobody puts such objects
        ...(roles.length > 0 && { conditions: { ArnNotEquals: { 'aws:PrincipalArn': roles } } }),
      });
    }
    this.deny('DenyPutElsewhere', [OBJECT_PUT], { notResources: kinds.map(([, prefix]) => this.objects(prefix)) });
  }

  /**
   * Lets a function read the tombstones.
   *
   * @internal
   */
  public _allowRead(fn: VaultFunction): void {
    const prefixes = [TOMBSTONES_PREFIX, DELEGATED_TOMBSTONES_PREFIX];
    const objects = prefixes.map((prefix) => this.objects(prefix));
    this.allow(fn, 'AllowReadTombstones', [OBJECT_READ], objects);
    this.allow(fn, 'AllowListTombstones', [BUCKET_LIST], [this.bucket.bucketArn], {
      StringEquals: { 's3:prefix': prefixes },
    });
  }

  /**
   * Lets a function read what it archived of the access log: it continues an archive that was interrupted.
   *
   * @internal
   */
  public _allowContinue(fn: VaultFunction): void {
    this.allow(fn, 'AllowReadLogArchives', [OBJECT_READ], [this.objects(LOG_ARCHIVE_PREFIX)]);
    this.allow(fn, 'AllowListLogArchives', [BUCKET_LIST], [this.bucket.bucketArn], {
      StringEquals: { 's3:prefix': LOG_ARCHIVE_PREFIX },
    });
  }

  private objects(prefix: string): string {
    return this.bucket.arnForObjects(`${prefix}*`);
  }

  private protect(destroyed: boolean): void {
    // a replay takes the oldest version of a key; these keep people from seeing another one, and from filling the bucket
    this.deny('DenyReplace', [OBJECT_PUT], { conditions: { StringNotEquals: { 's3:if-none-match': '*' } } });
    // every object has the retention of the bucket
    this.deny('DenyOwnLocks', [...OBJECT_LOCK]);
    if (!destroyed) this.deny('DenyDelete', [...OBJECT_DELETE]);
  }

  /** Denies actions to everyone: on all objects, unless the statement names others. */
  private deny(sid: string, actions: string[], more: iam.PolicyStatementProps = {}): void {
    const resources = more.notResources ? {} : { resources: [this.bucket.arnForObjects('*')] };
    this.bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        sid,
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions,
        ...resources,
        ...more,
      }),
    );
  }

  private allow(
    { role }: VaultFunction,
    sid: string,
    actions: string[],
    resources: string[],
    conditions: Record<string, Record<string, unknown>> = {},
  ): void {
    role.addToPrincipalPolicy(new iam.PolicyStatement({ sid, actions, resources, conditions }));
    this.network._allowCalls('s3', [role.roleArn], actions, resources);
  }
}
