import { ArnFormat, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { DATABASE_CONNECT } from './private/actions';
import { requireEnvironment, requireRemovalPolicy, requireText, requireWholeNumber } from './private/checks';
import { bindToGeneration, pascal } from './private/generation-statement';
import { LIMITS, PATTERNS } from './private/patterns';
import { stackSuffix } from './private/names';
import { VaultRole } from './private/vault-role';
import type { RdsProxyOptions } from './rds-proxy-options';
import type { StorageKey } from './storage-key';

/** Props of `DatabaseProxy`. */
export interface DatabaseProxyProps extends RdsProxyOptions {
  /** Environment of the vault. */
  readonly environment: string;
  /** Cluster behind the proxy. It must accept logins by IAM. */
  readonly cluster: rds.IDatabaseCluster;
  /** RDS's own id of the cluster. */
  readonly clusterResourceId: string;
  /** Security group and port of the database. */
  readonly database: ec2.Connections;
  /** Text of letters and digits that changes with the database behind the cluster's name. */
  readonly generation: string;
  /** Network of the proxy. */
  readonly vpc: ec2.IVpc;
  /** Subnets of the proxy, in at least two zones. */
  readonly vpcSubnets: ec2.SubnetSelection;
  /** Key that encrypts the proxy's log. */
  readonly storageKey: StorageKey;
  /** Database users that may log in through the proxy. */
  readonly users: string[];

  /**
   * Removal policy of the log.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** RDS Proxy listens on PostgreSQL's own port, whatever the port of the database is. */
const PORT = 5432;
/** Longer than the functions keep an idle connection. */
const IDLE_SECONDS = 120;
/** Longer than any function waits, so that each gives up with an error of its own. */
const BORROW_SECONDS = 60;

/**
 * RDS Proxy between the functions and the database: many executions share few connections. TLS is required on both sides,
 * and so is IAM: a function logs in to the proxy with its own token, and the proxy to the database as the same user,
 * without any secret. The proxy writes no statement to its log.
 */
export class DatabaseProxy extends Construct implements ec2.IConnectable {
  /** Name of the proxy. */
  public readonly proxyName: string;
  /** ARN of the proxy. */
  public readonly proxyArn: string;
  /** Host name of the proxy. */
  public readonly host: string;
  /** Port of the proxy. */
  public readonly port: number = PORT;
  /** Security group and port of the proxy. */
  public readonly connections: ec2.Connections;
  /** Role with which the proxy logs in to the database. */
  public readonly role: iam.IRole;
  /** Log of the proxy. */
  public readonly logGroup: logs.ILogGroup;
  /**
   * The same, with its policy.
   *
   * @internal
   */
  public readonly _role: VaultRole;
  private readonly generation: string;
  private readonly users: readonly string[];

  constructor(scope: Construct, id: string, props: DatabaseProxyProps) {
    super(scope, id);
    const { environment, maxConnectionsPercent = 75, removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE } = props;
    requireEnvironment(environment);
    requireRemovalPolicy(removalPolicy);
    requireText('generation', props.generation, PATTERNS.generation);
    const { min, max } = LIMITS.maxConnectionsPercent;
    requireWholeNumber('maxConnectionsPercent', maxConnectionsPercent, min, max);
    for (const user of props.users) requireText('users', user, PATTERNS.databaseUser);
    this.generation = props.generation;
    this.users = props.users;
    this.proxyName = `share-vault-${environment}-${props.generation.slice(0, 6)}-${stackSuffix(this)}`;

    const group = new ec2.SecurityGroup(this, 'Group', {
      vpc: props.vpc,
      description: `share vault ${environment}: proxy`,
      allowAllOutbound: false,
    });
    this.connections = new ec2.Connections({ securityGroups: [group], defaultPort: ec2.Port.tcp(PORT) });
    this.connections.allowToDefaultPort(props.database, 'database');
    this._role = this.createRole(props);
    this.role = this._role;
    this.logGroup = this.createLogGroup(props.storageKey, removalPolicy);
    const proxy = this.createProxy(props, group, maxConnectionsPercent);
    this.proxyArn = proxy.attrDbProxyArn;
    this.host = proxy.attrEndpoint;
  }

  /** Lets a grantee log in to the proxy as one database user, with a token that its own credentials sign. */
  public grantConnect(grantee: iam.IGrantable, user: string): iam.Grant {
    requireText('user', user, PATTERNS.databaseUser);
    if (!this.users.includes(user)) {
      throw new Error(`user: expected one of ${this.users.join(', ')}, got ${user}: the proxy can't log in as others`);
    }
    const resourceId = Fn.select(6, Fn.split(':', this.proxyArn));
    const arn = userArn(this, resourceId, user);
    const grant = iam.Grant.addToPrincipal({ grantee, actions: [DATABASE_CONNECT], resourceArns: [arn] });
    return bindToGeneration(grant, `AllowProxyLoginAs${pascal(user)}`, this.generation);
  }

  private createRole({ environment, clusterResourceId, generation, users }: DatabaseProxyProps): VaultRole {
    const role = new VaultRole(this, 'Role', {
      description: `share vault ${environment}: proxy, logs in to the database`,
      assumedBy: new iam.ServicePrincipal('rds.amazonaws.com'),
    });
    const grant = iam.Grant.addToPrincipal({
      grantee: role,
      actions: [DATABASE_CONNECT],
      resourceArns: users.map((user) => userArn(this, clusterResourceId, user)),
    });
    bindToGeneration(grant, 'AllowLogin', generation);
    return role;
  }

  /** Creates the log group before the proxy: RDS would create one without a key and without retention. */
  private createLogGroup(storageKey: StorageKey, removalPolicy: RemovalPolicy): logs.LogGroup {
    const logGroupName = `/aws/rds/proxy/${this.proxyName}`;
    storageKey.allowLogGroups(logGroupName);
    return new logs.LogGroup(this, 'Log', {
      logGroupName,
      encryptionKey: storageKey.key,
      retention: logs.RetentionDays.ONE_YEAR,
      removalPolicy,
    });
  }

  private createProxy(
    props: DatabaseProxyProps,
    group: ec2.ISecurityGroup,
    maxConnectionsPercent: number,
  ): rds.CfnDBProxy {
    const proxy = new rds.CfnDBProxy(this, 'Proxy', {
      dbProxyName: this.proxyName,
      engineFamily: 'POSTGRESQL',
      defaultAuthScheme: 'IAM_AUTH',
      requireTls: true,
      debugLogging: false,
      idleClientTimeout: IDLE_SECONDS,
      roleArn: this.role.roleArn,
      vpcSubnetIds: props.vpc.selectSubnets(props.vpcSubnets).subnetIds,
      vpcSecurityGroupIds: [group.securityGroupId],
    });
    proxy.node.addDependency(this.role, this.logGroup);
    const targets = new rds.CfnDBProxyTargetGroup(this, 'Targets', {
      dbProxyName: proxy.ref,
      targetGroupName: 'default',
      dbClusterIdentifiers: [props.cluster.clusterIdentifier],
      connectionPoolConfigurationInfo: {
        connectionBorrowTimeout: BORROW_SECONDS,
        maxConnectionsPercent,
        maxIdleConnectionsPercent: Math.floor(maxConnectionsPercent / 2),
      },
    });
    // of a cluster without an instance, RDS registers no target
    targets.node.addDependency(props.cluster);
    return proxy;
  }
}

/** Returns the ARN of a database user, of a cluster or of a proxy. */
function userArn(scope: Construct, resourceId: string, user: string): string {
  return Stack.of(scope).formatArn({
    service: 'rds-db',
    resource: 'dbuser',
    resourceName: `${resourceId}/${user}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
