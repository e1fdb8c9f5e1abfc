import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { DatabaseBackup } from './database-backup';
import type { DatabaseOptions } from './database-options';
import { DeletionGuard } from './deletion-guard';
import { DATABASE_CONNECT } from './private/actions';
import { requireEnvironment, requireRemovalPolicy, requireText } from './private/checks';
import { type Capacity, reservedFor } from './private/connection-shares';
import { requireDatabaseOptions } from './private/database-checks';
import { clusterName, generationOf, securityGroupProps } from './private/database-identity';
import { databaseParameters } from './private/database-parameters';
import { guardTemplate } from './private/final-template';
import { addDatabaseDependencies } from './private/guard-dependencies';
import { bindToGeneration, pascal } from './private/generation-statement';
import { requireOnlyOwner } from './private/one-owner';
import { PATTERNS } from './private/patterns';
import { applyRemoval } from './private/removal';
import type { StorageKey } from './storage-key';
import { TlsFloor } from './tls-floor';

/** Props of `ShareDatabase`. */
export interface ShareDatabaseProps extends DatabaseOptions {
  /** Environment of the vault. */
  readonly environment: string;
  /** Network of the database. */
  readonly vpc: ec2.IVpc;
  /** Subnets of the database, in at least two zones. */
  readonly vpcSubnets: ec2.SubnetSelection;
  /** Key that encrypts storage, backups, the master secret and the log. */
  readonly storageKey: StorageKey;

  /**
   * Removal policy of the database. DESTROY also lifts the deletion protection and creates no backup plan.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

const DATABASE_NAME = 'vault';
/** Master user, with only the rights that migrations need. RDS creates its password and rotates it weekly. */
const MASTER_USER = 'vault_master';
/** Deliberately different from PostgreSQL's usual 5432. */
const DEFAULT_PORT = 5433;

/** Aurora PostgreSQL Serverless v2 for the vault's records: encrypted, private, TLS only, logins by IAM. */
export class ShareDatabase extends Construct implements ec2.IConnectable {
  /** Cluster of the database. */
  public readonly cluster: rds.IDatabaseCluster;
  /** Security group and port of the database. */
  public readonly connections: ec2.Connections;
  /** Name of the cluster. */
  public readonly clusterIdentifier: string;
  /** Host name of the cluster. */
  public readonly host: string;
  /** Port of the database. */
  public readonly port: number;
  /** Name of the database in the cluster. */
  public readonly databaseName: string = DATABASE_NAME;
  /** Name of the master user. */
  public readonly masterUser: string = MASTER_USER;
  /** Secret with the master's password, managed by RDS. Only migrations use it. */
  public readonly masterSecret: secretsmanager.ISecret;
  /** PostgreSQL's own log: logins and changes, never a bound value. */
  public readonly logGroup: logs.ILogGroup;
  /** Days after which deleted data has left every backup. */
  public readonly backupDays: number;
  /** Name of the backup vault for AWS Backup's daily copies; undefined without a backup plan. */
  public readonly backupVaultName?: string;
  /** Whether the database pauses while it has no connection. The next call then waits until it has started. */
  public readonly pauses: boolean;
  /** 12 hexadecimal digits that change if, and only if, the functions use another database. */
  public readonly generation: string;
  /**
   * Undefined if a rollback deletes the database without the guard, or never deletes it.
   *
   * @internal
   */
  public readonly _guard?: DeletionGuard;
  /**
   * RDS's own id of the cluster. Each restore creates another one, whatever its name is.
   *
   * @internal
   */
  public readonly _resourceId: string;
  private readonly capacity: Capacity;

  constructor(scope: Construct, id: string, props: ShareDatabaseProps) {
    super(scope, id);
    const { removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE } = props;
    const destroyed = removalPolicy === RemovalPolicy.DESTROY;
    const retention = props.backupRetention ?? Duration.days(35);
    requireEnvironment(props.environment);
    requireRemovalPolicy(removalPolicy);
    requireDatabaseOptions(props);
    if (props.clusterIdentifier !== undefined) requireOnlyOwner(this, 'clusterIdentifier', props.clusterIdentifier);
    guardTemplate(this, removalPolicy);
    this.port = props.port ?? DEFAULT_PORT;
    this.clusterIdentifier = clusterName(this, props);
    this.pauses = props.minCapacity === 0;
    this.generation = generationOf(props);
    this.capacity = capacityOf(props);

    const securityGroup = new ec2.SecurityGroup(this, 'Group', {
      ...securityGroupProps(this, props),
      vpc: props.vpc,
      allowAllOutbound: false,
    });
    const logGroup = this.createLogGroup(props.storageKey, removalPolicy);
    const cluster = this.createCluster(props, securityGroup, retention, destroyed);
    cluster.node.addDependency(logGroup);
    const backup = new DatabaseBackup(this, 'Backup', {
      ...props,
      cluster,
      retention,
      removalPolicy,
      plan: props.backupPlan ?? !destroyed,
    });
    applyRemoval(this, removalPolicy);
    // only needed by a database that a rollback deletes and that its protection would keep
    if (removalPolicy === RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE) {
      this._guard = new DeletionGuard(this, 'Guard', { ...props, cluster });
      addDatabaseDependencies(this._guard, cluster, backup);
    }

    const { secret } = cluster;
    if (!secret) throw new Error('expected the cluster to keep its master password in a secret, got none');
    this.cluster = cluster;
    this.logGroup = logGroup;
    this.connections = new ec2.Connections({
      securityGroups: [securityGroup],
      defaultPort: ec2.Port.tcp(this.port),
    });
    this.host = cluster.clusterEndpoint.hostname;
    this.masterSecret = secret;
    this.backupDays = retention.toDays();
    this.backupVaultName = backup.vaultName;
    this._resourceId = cluster.clusterResourceIdentifier;
  }

  /** Lets a grantee log in as one database user, with a token that its own credentials sign. */
  public grantConnect(grantee: iam.IGrantable, user: string): iam.Grant {
    requireText('user', user, PATTERNS.databaseUser);
    const arn = Stack.of(this).formatArn({
      service: 'rds-db',
      resource: 'dbuser',
      resourceName: `${this._resourceId}/${user}`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const grant = iam.Grant.addToPrincipal({ grantee, actions: [DATABASE_CONNECT], resourceArns: [arn] });
    return bindToGeneration(grant, `AllowLoginAs${pascal(user)}`, this.generation);
  }

  /**
   * Returns how many executions are reserved for a handler; undefined for one that no caller invokes.
   *
   * @internal
   */
  public _reservedFor(handler: string): number | undefined {
    return reservedFor(handler, this.capacity);
  }

  /** Creates the log group before the cluster: RDS would create one without a key and without retention. */
  private createLogGroup(storageKey: StorageKey, removalPolicy: RemovalPolicy): logs.LogGroup {
    const logGroupName = `/aws/rds/cluster/${this.clusterIdentifier}/postgresql`;
    storageKey.allowLogGroups(logGroupName);
    return new logs.LogGroup(this, 'Log', {
      logGroupName,
      encryptionKey: storageKey.key,
      retention: logs.RetentionDays.ONE_YEAR,
      removalPolicy,
    });
  }

  private createCluster(
    props: ShareDatabaseProps,
    securityGroup: ec2.ISecurityGroup,
    retention: Duration,
    destroyed: boolean,
  ): rds.DatabaseCluster {
    const engine = rds.DatabaseClusterEngine.auroraPostgres({
      version: props.engineVersion ?? rds.AuroraPostgresEngineVersion.VER_17_9,
    });
    const instance = { publiclyAccessible: false, autoMinorVersionUpgrade: true };
    const readers = Array.from({ length: props.readers ?? 0 }, (_, index) =>
      rds.ClusterInstance.serverlessV2(`Reader${index + 1}`, { ...instance, scaleWithWriter: index === 0 }),
    );
    return new rds.DatabaseCluster(this, 'Cluster', {
      engine,
      clusterIdentifier: this.clusterIdentifier,
      defaultDatabaseName: DATABASE_NAME,
      // the methods of `Credentials` add properties that RDS refuses together with a managed password
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
      credentials: { username: MASTER_USER, encryptionKey: props.storageKey.key },
      manageMasterUserPassword: true,
      iamAuthentication: true,
      port: this.port,
      vpc: props.vpc,
      vpcSubnets: props.vpcSubnets,
      securityGroups: [securityGroup],
      storageEncryptionKey: props.storageKey.key,
      parameterGroup: new rds.ParameterGroup(this, 'Parameters', {
        engine,
        description: `share vault ${props.environment}`,
        parameters: databaseParameters(props.tlsFloor ?? TlsFloor.TLS_1_2),
      }),
      writer: rds.ClusterInstance.serverlessV2('Writer', instance),
      readers,
      serverlessV2MinCapacity: this.capacity.minCapacity,
      serverlessV2MaxCapacity: this.capacity.maxCapacity,
      ...(props.minCapacity === 0 && { serverlessV2AutoPauseDuration: props.autoPauseAfter ?? Duration.minutes(10) }),
      backup: { retention },
      copyTagsToSnapshot: true,
      deletionProtection: !destroyed,
      cloudwatchLogsExports: ['postgresql'],
      autoMinorVersionUpgrade: true,
      removalPolicy: destroyed ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
  }
}

function capacityOf({ minCapacity = 0.5, maxCapacity = 4 }: DatabaseOptions): Capacity {
  return { minCapacity, maxCapacity };
}
